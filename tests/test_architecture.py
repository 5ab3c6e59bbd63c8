"""Rules of the tree: imports, docstrings, sizes, transactions, public routes."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from shop.config import ROOT
from tests import factories

FILES = sorted(path.relative_to(ROOT) for path in (ROOT / "shop").rglob("*.py"))
BLUEPRINTS = ("api", "storefront", "staff", "checkout", "hosted_shop", "customer_page")
LONGEST_FILE = 300


@pytest.fixture(scope="module")
def texts():
    """The text of each module, by its path. A test for each of them would cost more than to read them all."""
    return {path: (ROOT / path).read_text() for path in FILES}


def test_every_package_imports_only_what_it_may():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_a_docstring(texts):
    bare = [path for path, text in texts.items() if not ast.get_docstring(ast.parse(text))]
    assert [path for path in bare if path.name != "__init__.py"] == []


def test_no_file_grows_beyond_reading(texts):
    assert [path for path, text in texts.items() if len(text.splitlines()) > LONGEST_FILE] == []


def test_a_blueprint_neither_queries_nor_commits(texts):
    queries = re.compile(r"\bdb\.session\b|\.commit\(\)|\bsession\.execute\b|\btransaction\(\)|\bselect\(")
    found = {path: queries.findall(text) for path, text in texts.items() if path.parts[1] in BLUEPRINTS}
    assert found
    assert {path: words for path, words in found.items() if words} == {}


def test_only_the_transaction_commits(texts):
    services = {path: text for path, text in texts.items() if path.parts[1] == "services"}
    assert services
    assert [path for path, text in services.items() if (".commit()" in text) != (path.name == "transaction.py")] == []


def test_nothing_is_left_half_done(texts):
    unfinished = re.compile(r"\bTODO\b|\bFIXME\b|\bXXX\b|NotImplemented")
    assert [(path, unfinished.findall(text)) for path, text in texts.items() if unfinished.search(text)] == []


OPEN_TO_THE_WORLD = {
    "checkout.checkout_show",
    "checkout.checkout_texts",
    "checkout.checkout_theme",
    "checkout.order_status_open",
    "checkout.order_status_show",
    "callbacks.payment_callback",
    "customer_page.code_send",
    "customer_page.consents_save",
    "customer_page.join_code",
    "customer_page.join_show",
    "customer_page.join_submit",
    "customer_page.manifest",
    "customer_page.overview",
    "customer_page.payment_claim",
    "customer_page.registration_send",
    "customer_page.request_send",
    "customer_page.sign_in",
    "customer_page.sign_out",
    "customer_page.till_code",
    "customer_page.till_code_new",
    "callbacks.payment_confirm",
    "callbacks.payment_result",
    "callbacks.payment_result_timeout",
    "callbacks.payment_validate",
    "entrance",
    "health.health_alive",
    "health.health_ready",
    "hosted_shop.account_code",
    "hosted_shop.account_show",
    "hosted_shop.account_sign_in",
    "hosted_shop.account_sign_out",
    "hosted_shop.cart_add",
    "hosted_shop.cart_change",
    "hosted_shop.cart_show",
    "hosted_shop.catalogue",
    "hosted_shop.product_show",
    "hosted_shop.sitemap",
    "media.product_picture",
    "metrics.metrics_show",
    "message_callbacks.sms_incoming",
    "message_callbacks.sms_report",
    "message_callbacks.whatsapp_receive",
    "message_callbacks.whatsapp_verify",
    "openapi_pages.openapi_document",
    "openapi_pages.openapi_page",
    "staff.invitation_accept",
    "staff.invitation_link",
    "staff.invitation_show",
    "staff.password_forgotten",
    "staff.password_forgotten_submit",
    "staff.password_link",
    "staff.password_new",
    "staff.password_new_submit",
    "staff.passkey_sign_in",
    "staff.passkey_sign_in_options",
    "staff.sign_in_show",
    "staff.sign_in_submit",
    "staff.till_worker",
    "static",
    "storefront.storefront_category_list",
    "storefront.storefront_cart_add",
    "storefront.storefront_cart_change",
    "storefront.storefront_cart_empty",
    "storefront.storefront_cart_left",
    "storefront.storefront_cart_remove",
    "storefront.storefront_cart_show",
    "storefront.storefront_code_send",
    "storefront.storefront_login",
    "storefront.storefront_logout",
    "storefront.storefront_me",
    "storefront.storefront_password_forgotten",
    "storefront.storefront_password_set",
    "storefront.storefront_register",
    "storefront.storefront_code_verify",
    "storefront.storefront_coupon_validate",
    "storefront.storefront_gateway_list",
    "storefront.storefront_loyalty_config",
    "storefront.storefront_loyalty_preview",
    "storefront.storefront_order_create",
    "storefront.storefront_payment_process",
    "storefront.storefront_payment_status",
    "storefront.storefront_product_by_ids",
    "storefront.storefront_product_list",
    "storefront.storefront_product_show",
    "storefront.storefront_settings_show",
    "storefront.storefront_shipping_calculate",
    "storefront.storefront_widget_texts",
}
OPEN_IN_DEVELOPMENT = {
    "dev_mail.dev_mail_html",
    "dev_mail.dev_mail_index",
    "dev_mail.dev_mail_raw",
    "dev_mail.dev_mail_show",
    "dev_messages.dev_message_list",
}


def open_routes(app):
    """Return the endpoints that answer without signing in."""
    found = set()
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        url = rule.build({name: 1 if name.endswith("_id") else "x" for name in rule.arguments}, append_unknown=False)
        assert url is not None, rule
        method = sorted(rule.methods - {"HEAD", "OPTIONS"})[0]
        with client.open(url[1], method=method) as answer:  # it may be a file
            if answer.status_code not in {401, 403} and not to_sign_in(answer):
                found.add(rule.endpoint)
    return found


def to_sign_in(answer):
    return answer.status_code in {302, 303} and "/sign-in" in answer.headers["Location"]


@pytest.mark.parametrize(
    ("mode", "listed"),
    [("production", OPEN_TO_THE_WORLD), ("development", OPEN_TO_THE_WORLD | OPEN_IN_DEVELOPMENT)],
)
def test_every_route_that_is_open_to_the_world_is_listed_by_name(make_private_app, mode, listed):
    app = make_private_app(TUZA_ENV=mode, WTF_CSRF_ENABLED=False)  # the access checks alone must refuse guests
    with app.app_context():
        factories.make_shop()
    assert open_routes(app) == listed
