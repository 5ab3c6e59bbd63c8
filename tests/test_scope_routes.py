"""No shop sees another: every route with an id returns nothing for ids of another shop."""

import secrets

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.domain.catalogue.bulk import ChangeWay, NumberChange, ProductBulkKind
from shop.domain.customers.bulk import BulkKind
from shop.domain.customers.segments import Condition, SegmentRules
from shop.domain.pricing.taxes import TaxClassTerms
from shop.models import AbandonedCart, Address, ApprovalRequest, CustomerNote, StaffPasskey, StaffSession
from shop.services import clock
from shop.services.approvals.requests import request_adjustment
from shop.services.bulk.actions import start_bulk
from shop.services.bulk.product_actions import start_product_bulk
from shop.services.catalogue.adjustments import default_branch_id
from shop.services.catalogue.branches import save_branch
from shop.services.catalogue.products.for_sale import CartLine
from shop.services.customers.custom_fields import CustomFieldGiven, add_custom_field
from shop.services.customers.segments import save_segment
from shop.services.orders.lifecycle import mark_paid
from shop.services.orders.manual.drafts import save_draft
from shop.services.orders.refunds import refund_order
from shop.services.orders.review_flags import list_flags, raise_flag
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation, lock_by_reference
from shop.services.privacy.requests import PrivacyRequestDetails, add_request
from shop.services.shipping.records import save_zone
from shop.services.shipping.values import ZoneValues
from shop.services.staff.accounts import find_member
from shop.services.staff.links import invite_staff
from shop.services.staff.roles import save_role
from shop.services.staff.saved_views import save_view
from shop.services.staff.sessions import Device, begin_session
from shop.services.taxes.classes import save_tax_class
from shop.services.till.devices import list_devices, save_device
from tests import factories
from tests.factories import PASSWORD
from tests.support.contract import described_path
from tests.support.csrf import csrf_token
from tests.support.operations import OPERATIONS, make_sample_records
from tests.support.rows import snapshot
from tests.support.shopful import leave_cart

WITHOUT_SHOP = {"/dev/mail/", "/media/", "/static/"}
BY_TOKEN = "/checkout/"  # tested by tests/checkout/test_refusals.py
BY_SLUG = {"/shop/", "/me/"}  # tested by tests/hosted_shop and tests/customer_page
NO_IDS = {"key", "code", "kind", "token", "callback_token"}  # names that all shops share, and secrets
FILLED_IN = {"role": "clerk", "content": "Rang.", "points": "5", "way": "add", "reason": "Goodwill", "amount": "1.00"}
FILLED_IN |= {
    "type": "shipping",
    "address1": "Westlands Road",
    "city": "Nairobi",
    "email": "new@example.com",
    "sure": "1",
    "decision": "refuse",
}


PRICES = NumberChange(ProductBulkKind.PRICE, ChangeWay.RAISE, 100)
RULES = SegmentRules((Condition("orders", "at_least", "2"),))


@pytest.fixture
def sample(client, inside):
    """The caller's own shop; the client is signed in there as its customer."""
    found = inside(make_sample_records)
    client.carry(found.shopper)
    return found


@pytest.fixture
def foreign_shop(app):
    """Another shop."""
    with app.app_context():
        return factories.make_shop()


@pytest.fixture
def elsewhere(app, foreign_shop):
    """The other shop's records."""
    with app.app_context():
        use_shop(foreign_shop.id)
        return make_sample_records()


def invite():
    """Return the id of an invitation to the session's shop."""
    email = f"{factories.unique('new')}@example.com"
    links = {"secret_key": "k" * 32, "public_url": "https://shop.example.com"}
    return invite_staff(email, "clerk", factories.TESTER, **links).id


def flag(order_id):
    """Return the id of a review flag of an order's payment."""
    with transaction():
        raise_flag("late", order_id, "late:1", 100)
    return list_flags(order_id)[0].id


def refund(order_id):
    """Return the id of a refund."""
    mark_paid(order_id, "", factories.TESTER)
    return refund_order(order_id, 100, "", factories.TESTER).refunds[-1].id


def approval(customer_id):
    """Return the id of an adjustment that needs approval."""
    asking = factories.make_staff(role="manager").actor
    request_adjustment(customer_id, 20_000, "Won the draw", asking, request_key=factories.unique("form"))
    return db.session.scalars(select(ApprovalRequest.id).where(ApprovalRequest.customer_id == customer_id)).one()


def session_of(user_id):
    begin_session(find_member(user_id), Device("192.0.2.1", "Firefox"))
    return db.session.scalars(select(StaffSession.id).where(StaffSession.staff_user_id == user_id)).one()


def passkey_of(user_id):
    words = {"host": "shop.test", "credential_id": factories.unique("id"), "public_key": "key", "name": "Phone"}
    with transaction() as session:
        passkey = StaffPasskey(staff_user_id=user_id, sign_count=0, created_at=clock.now(), **words)
        session.add(passkey)
    return passkey.id


@pytest.fixture
def ids(app, inside, sample, elsewhere, foreign_shop):
    """Return by parameter name: (one's own id, the other shop's)."""

    def known(found):
        by_customer = {
            "address_id": db.session.scalars(select(Address.id).where(Address.customer_id == found.customer)).first(),
            "note_id": db.session.scalars(
                select(CustomerNote.id).where(CustomerNote.customer_id == found.customer)
            ).first(),
        }
        somebody = factories.make_staff(role="manager").user_id
        return by_customer | {
            "customer_id": found.customer,
            "order_id": found.order,
            "product_id": found.goods,
            "import_id": found.of_file,
            "image_id": found.image,
            "category_id": found.category,
            "coupon_id": found.coupon_id,
            "endpoint_id": found.webhook,
            "delivery_id": found.delivery,
            "class_id": save_tax_class(None, TaxClassTerms("VAT", "VAT", 1600), factories.TESTER).id,
            "shipping_method_id": found.shipping,
            "method_id": found.shipping,
            "zone_id": save_zone(
                None, ZoneValues(name=factories.unique("Zone"), countries=["KE"]), factories.TESTER
            ).id,
            "slug": found.slug,
            "item_id": found.item,
            "registration_id": found.registration,
            "key_id": factories.make_api_key().id,
            "user_id": somebody,
            "view_id": save_view(somebody, "customers", "Newest", "sort=-created_at").id,
            "invitation_id": invite(),
            "flag_id": flag(found.order),
            "segment_id": save_segment(factories.unique("Segment"), RULES, factories.TESTER).id,
            "bulk_id": start_bulk(BulkKind.ADD_TAG, {"tag": "A"}, {}, 1, factories.TESTER),
            "change_id": start_product_bulk(PRICES, "", {}, 1, factories.TESTER),
            "branch_id": save_branch(None, factories.unique("Branch"), factories.TESTER).id,
            "cart_id": left_cart(found.product),
            "field_id": add_custom_field(CustomFieldGiven(factories.unique("Field")), factories.TESTER).id,
            "merge_id": found.merge,
            "payment_id": received_payment(),
            "refund_id": refund(found.order),
            "device_id": till_device(),
            "draft_id": save_draft(factories.unique(), {}, factories.TESTER, customer_id=None, total_cents=0).id,
            "other_id": found.other,
            "request_id": add_request(PrivacyRequestDetails("access", found.customer), factories.TESTER).id,
            "approval_id": approval(found.customer),
            "session_id": session_of(somebody),
            "passkey_id": passkey_of(somebody),
            "role_id": save_role(None, factories.unique("Role "), ["orders.fulfil"], factories.TESTER).id,
        }

    own = inside(known, sample)
    with app.app_context():
        use_shop(foreign_shop.id)
        other = known(elsewhere)
    return {name: (own[name], other[name]) for name in own}


def received_payment():
    """The id of a payment that waits for a claim."""
    receipt = f"S{secrets.token_hex(5).upper()[1:]}"
    receive_payment(Confirmation(receipt, clock.now(), 5_000))
    return lock_by_reference(receipt).id


def till_device():
    """The id of a registered till."""
    save_device(None, factories.unique("Till"), default_branch_id(), factories.TESTER)
    return max(device.id for device in list_devices())


def left_cart(product_id):
    """The id of an abandoned cart."""
    leave_cart(f"{factories.unique()}@example.com", CartLine(product_id, 1))
    return db.session.scalars(select(AbandonedCart.id).order_by(AbandonedCart.id.desc())).first()


@pytest.fixture
def unchanged(app, foreign_shop, ids):
    """Check at the end that the other shop is unchanged."""

    def look():
        with app.app_context():
            use_shop(foreign_shop.id)
            return snapshot(foreign_shop.id)

    before = look()
    yield
    assert look() == before


def routes_with_ids(app, prefix):
    """Return each route below a prefix that has an id, with its methods and parameters."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(prefix) and rule.arguments - NO_IDS:
            yield rule, sorted(rule.methods - {"HEAD", "OPTIONS"})


def addresses(rule, ids):
    """Return the route's URLs in which one id is the other shop's and the rest are one's own."""
    assert rule.arguments <= set(ids) | NO_IDS, f"teach this test what {rule.rule} names"
    for name in sorted(rule.arguments - NO_IDS):
        values = {other: pair[other == name] for other, pair in ids.items()}
        yield described_path(rule.rule).format(**values)


def test_every_route_with_an_id_is_tested(app):
    named = {rule.rule for rule in app.url_map.iter_rules() if rule.arguments - NO_IDS}
    walked = {rule.rule for prefix in ("/api/v1/", "/staff/") for rule, _ in routes_with_ids(app, prefix)}
    elsewhere = {*WITHOUT_SHOP, BY_TOKEN, *BY_SLUG}
    assert all(any(rule.startswith(known) for known in elsewhere) for rule in named - walked)


@pytest.mark.usefixtures("unchanged")
def test_the_json_apis_find_nothing_of_another_shop(app, api, sample, elsewhere, ids, subtests):
    operations = {(operation.method, operation.described): operation for operation in OPERATIONS}
    for rule, methods in routes_with_ids(app, "/api/v1/"):
        for method in methods:
            for path in addresses(rule, ids):
                with subtests.test(f"{method} {path}"):
                    operation = operations[method, described_path(rule.rule)]
                    sent, expected = operation.sent(sample), 403 if operation.session_only else 404
                    query = {"payment_token": elsewhere.payment_token}
                    answer = api.call(method, path, **sent, query_string=query)
                    assert answer.status_code == expected, answer.text


@pytest.mark.usefixtures("unchanged")
def test_the_staff_pages_find_nothing_of_another_shop(app, client, inside, ids, subtests):
    member = inside(factories.make_staff)
    signed = {"csrf_token": csrf_token(client), "email": member.email, "password": PASSWORD}
    assert client.post("/staff/sign-in", data=signed).status_code == 302
    fields = FILLED_IN | {"csrf_token": csrf_token(client)}
    for rule, methods in routes_with_ids(app, "/staff/"):
        for method in methods:
            for path in addresses(rule, ids):
                with subtests.test(f"{method} {path}"):
                    answer = client.open(path, method=method, data=fields if method != "GET" else None)
                    assert answer.status_code == 404, answer.status


@pytest.mark.usefixtures("unchanged")
def test_ids_of_another_shop_in_a_body_or_query_lead_nowhere(api, client, sample, elsewhere, subtests):
    item = {"product_id": sample.product, "quantity": 1}
    foreign_items = [
        {"product_id": elsewhere.product, "quantity": 1},
        item | {"variant_id": elsewhere.variant},
    ]
    order = {"customer": {"email": sample.email}, "items": [item]}
    public, create = "/api/v1/storefront", "/api/v1/storefront/checkout/create-order"
    refused = [
        (404, "/marketing/loyalty/adjust", {"customer_id": elsewhere.customer, "points": 5, "note": "x"}),
        (400, "/orders", {"customer_id": elsewhere.customer, "subtotal": "1.00"}),
        (400, create, order | {"shipping_method_id": elsewhere.shipping}),
    ]
    for foreign in foreign_items:
        refused += [
            (400, "/orders", {"email": sample.email, "items": [foreign]}),
            (400, create, order | {"items": [foreign]}),
            (400, f"{public}/loyalty/preview", {"email": sample.email, "items": [foreign]}),
            (400, f"{public}/checkout/calculate-shipping", {"country": "KE", "items": [foreign]}),
            (400, f"{public}/checkout/validate-coupon", {"coupon_code": sample.coupon, "items": [foreign]}),
        ]
    for status, path, body in refused:
        with subtests.test(f"{path} {body}"):
            assert api.post(path, body).status_code == status
    assert api.get(f"/orders?customer_id={elsewhere.customer}").json["data"]["total"] == 0
    assert api.get(f"/marketing/loyalty/ledger?customer_id={elsewhere.customer}").json["data"]["total"] == 0
    assert client.get(f"{public}/products/by-ids?ids={elsewhere.product}").json["data"]["products"] == []


def test_people_coupons_and_tokens_of_another_shop_are_unknown(
    app, api, client, inside, sample, elsewhere, foreign_shop
):
    with app.app_context():
        use_shop(foreign_shop.id)
        factories.make_coupon("ONLYTHERE")
        token = factories.make_token(elsewhere.customer)
    item = {"product_id": sample.product, "quantity": 1}
    public = "/api/v1/storefront"
    preview = client.post(f"{public}/loyalty/preview", json={"email": elsewhere.email, "items": [item]})
    assert preview.json["data"]["balance"] == 0
    coupon = client.post(f"{public}/checkout/validate-coupon", json={"coupon_code": "ONLYTHERE", "items": [item]})
    assert coupon.json["code"] == "coupon_unknown"
    body = {"customer": {"email": elsewhere.email}, "items": [item]}
    answer = client.post(
        f"{public}/checkout/create-order", json=body | {"loyalty_redemption": {"token": token, "points": 100}}
    )
    assert answer.json["code"] == "invalid_redemption_token"
    assert api.get("/customers", query_string={"search": elsewhere.email}).json["data"]["total"] == 0


def test_an_idempotency_key_is_a_shops_own(app, client, sample, elsewhere, foreign_shop):
    path, headers = "/api/v1/storefront/checkout/create-order", {"Idempotency-Key": factories.unique("key")}
    numbers = set()
    for found, host in ((sample, client.host), (elsewhere, foreign_shop.host)):
        body = {"customer": {"email": found.email}, "items": [{"product_id": found.product, "quantity": 1}]}
        answer = client.post(path, json=body, headers=headers, base_url=f"http://{host}")
        assert answer.status_code == 201
        numbers.add(answer.json["data"]["order"]["id"])
    assert len(numbers) == 2
