"""Points and coupons at the till."""

from uuid import uuid4

import pytest

from shop.db.transaction import transaction
from shop.models import StaffTotp
from shop.services import clock
from shop.services.audit_log import list_audit
from shop.services.customers.records import create_customer
from shop.services.errors import InvalidInput, NotAllowed, NotSignedIn
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.shops.settings import change_settings
from shop.services.staff.second_factor import replace_recovery_codes
from shop.services.till.redeeming import (
    Reductions,
    approve_redemption,
    find_approver,
    offer_redemption,
    record_reduced_sale,
)
from shop.services.till.sales import Sale, undo_sale
from tests import factories
from tests.factories import PASSWORD, TESTER


@pytest.fixture
def jane(ctx):
    jane = create_customer(phone="0712345678", first_name="Jane")
    adjust_points(jane.id, 5_000, "Brought over", TESTER)
    return jane


def sale(customer, cents=96_000, method="cash", reference=None):
    return Sale(str(uuid4()), cents, method, customer_id=customer.id, reference=reference)


def token_of(customer):
    with transaction():
        return issue_token(customer.id, 5)


def test_points_make_a_sale_cheaper_once(jane):
    one = sale(jane, method="mpesa", reference="SGH7X2K9QP")
    reductions = Reductions(1_000, token_of(jane))
    made = record_reduced_sale(one, reductions, TESTER)
    order = made.order
    assert (order.status, order.payment_status, order.payment_method) == ("completed", "paid", "M-Pesa")
    assert (order.total_cents, order.points_redeemed, order.points_discount_cents) == (95_000, 1_000, 1_000)
    assert (made.sale.amount_cents, order.points_earned, made.balance) == (95_000, 960, 4_960)
    assert record_reduced_sale(one, reductions, TESTER).order.id == order.id
    assert find_balance(jane.id) == 4_960


def test_undoing_gives_the_points_back(jane):
    made = record_reduced_sale(sale(jane), Reductions(1_000, token_of(jane)), TESTER)
    assert undo_sale(made.sale.sale_id, TESTER).balance == 5_000


def test_a_coupon_makes_a_sale_cheaper(jane):
    coupon = factories.make_coupon("KARIBU")
    made = record_reduced_sale(sale(jane), Reductions(coupon="karibu"), TESTER)
    assert (made.order.coupon_code, made.order.coupon_discount_cents > 0) == (coupon.code, True)
    with pytest.raises(InvalidInput):
        record_reduced_sale(sale(jane), Reductions(coupon="NONE"), TESTER)


@pytest.mark.parametrize(("points", "token"), [(1_000, ""), (1_000, "wrong"), (6_000, None)])
def test_points_need_a_token_and_have_to_be_there(jane, points, token):
    with pytest.raises(InvalidInput):
        record_reduced_sale(sale(jane), Reductions(points, token_of(jane) if token is None else token), TESTER)
    assert find_balance(jane.id) == 5_000


def test_the_offer_says_what_is_left_to_pay(jane):
    offer = offer_redemption(sale(jane), 1_000, "")
    assert (offer.max_points, offer.to_pay_cents, offer.coupon_wrong) == (5_000, 95_000, None)
    assert offer_redemption(sale(jane), 0, "NONE").coupon_wrong


def test_a_manager_approves_up_to_the_limit_with_a_reason(jane):
    manager, clerk = (factories.make_staff(role=role) for role in ("manager", "clerk"))
    with pytest.raises(NotAllowed) as refused:
        approve_redemption(jane.id, 1_000, "Phone is off", manager.actor, clerk.actor)
    assert refused.value.code == "code_needed"
    change_settings({"till_redeem_without_code": "10"}, TESTER)
    with pytest.raises(InvalidInput):
        approve_redemption(jane.id, 1_000, " ", manager.actor, clerk.actor)
    token = approve_redemption(jane.id, 1_000, "Phone is off", manager.actor, clerk.actor)
    assert record_reduced_sale(sale(jane), Reductions(1_000, token), clerk.actor).balance == 4_960
    entry = next(each for each in list_audit().entries if each.action == "till.redeemed_without_code")
    assert (entry.actor_label, entry.reason, entry.new_value) == (
        manager.name,
        "Phone is off",
        f"1000 ({clerk.name})",
    )


def test_only_a_manager_of_this_shop_approves(jane):
    here = factories.make_staff(role="manager")
    clerk = factories.make_staff(role="clerk")
    assert find_approver(here.email, PASSWORD, here.shop_id).user_id == here.user_id
    with pytest.raises(NotAllowed):
        find_approver(clerk.email, PASSWORD, clerk.shop_id)
    with pytest.raises(NotSignedIn):
        find_approver(here.email, "wrong", here.shop_id)


def test_a_manager_with_a_second_factor_enters_a_code(jane, app):
    keys = app.config["PAYMENT_KEYS"]
    manager = factories.make_staff(role="manager")
    with transaction() as session:
        now = clock.now()
        session.add(StaffTotp(staff_user_id=manager.user_id, secret="-", confirmed_at=now, created_at=now))
    code = replace_recovery_codes(manager)[0]
    for wrong in ("", "aaaa-bbbb-cccc-dddd"):
        with pytest.raises(InvalidInput) as refused:
            find_approver(manager.email, PASSWORD, manager.shop_id, code=wrong, keys=keys)
        assert refused.value.errors[0].field == "approver_code"
    assert find_approver(manager.email, PASSWORD, manager.shop_id, code=code, keys=keys) == manager
    with pytest.raises(InvalidInput):
        find_approver(manager.email, PASSWORD, manager.shop_id, code=code, keys=keys)
