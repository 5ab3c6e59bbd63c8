"""The registry of payment providers."""

import pytest

from shop.services.errors import InvalidInput
from shop.services.payments.config import PaymentConfig
from shop.services.payments.method_settings import PaymentMethodInput, PaymentMethodSettings
from shop.services.payments.providers.base import PromptGateway
from shop.services.payments.providers.registry import list_providers, open_gateway, provider_of
from tests.support.payments import connect_mpesa


@pytest.fixture
def config(app):
    return PaymentConfig.of(app.config)


def test_each_folder_registers_its_providers_in_the_order_of_a_new_shop():
    assert {code: each.name for code, each in list_providers().items()} == {
        "cod": "Cash on Delivery",
        "till": "M-Pesa till",
        "mpesa": "M-Pesa",
    }


def test_mpesa_prompts_only_with_credentials(ctx, config):
    assert not isinstance(open_gateway("mpesa", config), PromptGateway)
    connect_mpesa(config)
    assert isinstance(open_gateway("mpesa", config), PromptGateway)


def test_a_method_of_the_shops_own_is_paid_by_hand(ctx, config):
    assert not isinstance(open_gateway("bank", config), PromptGateway)
    with pytest.raises(InvalidInput) as refused:
        provider_of("bank").callback({})
    assert refused.value.code == "no_callbacks"


@pytest.mark.parametrize(
    ("code", "fields", "wrong"),
    [
        ("till", {"number": "12"}, ["number"]),
        ("till", {}, ["number"]),
        ("till", {"number": " 5247247 "}, []),
        ("mpesa", {}, ["short_code"]),
        ("mpesa", {"short_code": "174379"}, ["consumer_key", "consumer_secret", "passkey"]),
        ("cod", {}, []),
    ],
)
def test_a_provider_checks_its_own_fields(code, fields, wrong):
    form = PaymentMethodInput(enabled=True, name="Name", fields=fields)
    found = provider_of(code).check(form, PaymentMethodSettings(code, "Name"))
    assert [error.field for error in found] == wrong
