"""Consents with evidence."""

from datetime import timedelta

import pytest

from shop.domain.customers.privacy import ConsentKind
from shop.services import clock
from shop.services.errors import InvalidInput, NotFound
from shop.services.privacy.consents import ConsentStatement, has_consent, list_consents, record_consent
from tests import factories
from tests.factories import TESTER

GIVEN = ConsentStatement("marketing_sms", True, "paper", "poster 2026-01")


def test_the_newest_statement_of_a_kind_is_in_force(ctx):
    customer = factories.make_customer()
    assert not has_consent(customer.id, ConsentKind.MARKETING_SMS)
    record_consent(customer.id, GIVEN, TESTER)
    assert has_consent(customer.id, ConsentKind.MARKETING_SMS)
    assert not has_consent(customer.id, ConsentKind.MARKETING_EMAIL)
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        record_consent(customer.id, ConsentStatement("marketing_sms", False, "message", "STOP"), TESTER)
    assert not has_consent(customer.id, ConsentKind.MARKETING_SMS)
    newest, oldest = list_consents(customer.id)
    assert (newest.given, newest.source, newest.text_version) == (False, "message", "STOP")
    assert (oldest.given, oldest.recorded_by) == (True, TESTER.label)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "fame"},
        {"source": "hearsay"},
        {"text_version": " "},
        {"stated_at": clock.now() + timedelta(days=400)},
    ],
)
def test_a_statement_without_proof_is_refused(ctx, wrong):
    customer = factories.make_customer()
    fields = {"kind": "marketing_sms", "given": True, "source": "paper", "text_version": "1"} | wrong
    with pytest.raises(InvalidInput):
        record_consent(customer.id, ConsentStatement(**fields), TESTER)
    assert list_consents(customer.id) == []


def test_only_a_customer_consents(ctx):
    with pytest.raises(NotFound):
        record_consent(10**9, GIVEN, TESTER)
