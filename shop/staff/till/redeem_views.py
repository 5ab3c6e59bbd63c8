"""Points and coupons used at the till."""

from typing import Any

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.ids import find_id
from shop.queries.till.members import TillMember, get_member
from shop.services.customers.message_routes import require_route
from shop.services.errors import InvalidInput, ShopError
from shop.services.loyalty.otp import send_code, verify_code
from shop.services.rate_limits import STAFF_SIGN_INS_PER_ACCOUNT, STAFF_SIGN_INS_PER_ADDRESS
from shop.services.staff.accounts import StaffMember, sign_in_key
from shop.services.staff.passkeys import begin_authentication
from shop.services.till.redeeming import (
    Reductions,
    approve_redemption,
    find_approver,
    find_approver_by_passkey,
    offer_redemption,
    record_reduced_sale,
)
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.sign_in.second_step import begin_ceremony, take_challenge, this_site
from shop.staff.till.forms import METHOD_NAMES, RedeemForm
from shop.staff.till.page import at_this_till, show_till
from shop.web.http.rate_limit import failures_limited
from shop.web.i18n import sentence_case, translate
from shop.web.pages.forms import put_errors
from shop.web.request_context import client_address, otp_config

APPROVAL = "passkey_approval"
"""A challenge of its own: the response to it signs nobody in."""
FIELDS = {"coupon_code": "coupon"}
"""The form's name of what services call otherwise."""


@blueprint.get("/till/redeem")
@requires("orders.pay")
@shows_personal_data("list:till")
def till_redeem() -> AnyResponse:
    """The form; with amount, points and coupon in the address, what is left to pay."""
    customer = request.args.get("customer", type=find_id)
    if customer is None:
        return redirect(url_for("staff.till_show"), 303)
    typed = {name: request.args.get(name, "") for name in ("amount", "points", "coupon")}
    return _form(RedeemForm(data=typed | {"customer_id": customer}))


@blueprint.post("/till/redeem/passkey-options")
@requires("orders.pay")
def till_redeem_passkey_options() -> Response:
    """Return the options for a manager's passkey; the response is sent with the form."""
    return begin_ceremony(begin_authentication(this_site()), APPROVAL)


@blueprint.post("/till/redeem")
@requires("orders.pay")
def till_redeem_submit() -> AnyResponse:
    """Send the customer a code, or record the sale."""
    form = RedeemForm()
    if form.customer_id.data is None:
        return redirect(url_for("staff.till_show"), 303)
    if not form.validate():
        return _form(form, 422)
    member = get_member(form.customer_id.data)
    try:
        if "send_code" in request.form:
            require_route("otp_code", member)
            send_code(**_address(member))
            return _form(form, sent=True)
        form.token.data = _token(form, member)
        reductions = Reductions(form.points_used, form.token.data, form.coupon.data or "")
        recorded = record_reduced_sale(at_this_till(form.sale()), reductions, signed_in().member.actor)
    except ShopError as refused:
        return _refused(form, refused)
    return redirect(url_for("staff.till_sale_show", order_id=recorded.order.id), 303)


def _address(member: TillMember) -> dict[str, Any]:
    phone = None if member.email else member.phone
    return {"email": member.email, "phone": phone, "address": client_address(), "config": otp_config()}


def _token(form: RedeemForm, member: TillMember) -> str:
    """Return what allows to use the points: of the code that was typed, else of a manager's approval."""
    if not form.points_used or form.token.data:
        return form.token.data or ""
    if form.code.data:
        token = verify_code(form.code.data, **_address(member)).token
        if token is None:
            raise InvalidInput.of("code", "isn’t valid. Ask for a new one")
        return token
    if not form.reason.data:
        if form.approver_passkey.data:
            raise InvalidInput.of("reason", "is required")
        raise InvalidInput.of("code", "is needed to use points: ask the customer for it")
    me = signed_in().member
    approver = me if me.may("approvals.decide") else _approver(form, me.shop_id)
    return approve_redemption(member.id, form.points_used, form.reason.data, approver.actor, me.actor)


def _approver(form: RedeemForm, shop_id: int) -> StaffMember:
    """Return the manager who approves: by passkey, or by e-mail and password."""
    if form.approver_passkey.data:
        with failures_limited(STAFF_SIGN_INS_PER_ADDRESS, "passkey", client_address()):
            return find_approver_by_passkey(form.approver_passkey.data, take_challenge(APPROVAL), this_site(), shop_id)
    email = form.approver_email.data or ""
    account = sign_in_key(email) or email.lower()
    with failures_limited(STAFF_SIGN_INS_PER_ACCOUNT, "till-approval", account, client_address()):
        return find_approver(
            email,
            form.approver_password.data or "",
            shop_id,
            code=form.approver_code.data or "",
            keys=current_app.config["PAYMENT_KEYS"],
        )


def _refused(form: RedeemForm, refused: ShopError) -> Response:
    for error in refused.errors:
        field = FIELDS.get(error.field, error.field)
        if field in form:
            form[field].errors = [*form[field].errors, sentence_case(error.message)]
            return _form(form, 422)
    if put_errors(form, refused):
        return _form(form, 422)
    return _form(form, 422, refusal=translate(refused.message))


def _form(form: RedeemForm, status: int = 200, **more: Any) -> Response:
    member = get_member(form.customer_id.data or 0)
    try:
        offer = offer_redemption(form.sale(), form.points_used, form.coupon.data or "") if form.amount_cents else None
    except InvalidInput:  # an amount that the currency does not have; said when it is sent
        offer = None
    if offer and offer.coupon_wrong and not form.coupon.errors:
        form.coupon.errors = [sentence_case(offer.coupon_wrong)]
    needs_manager = not signed_in().member.may("approvals.decide")
    return show_till(
        "redeem",
        status,
        form=form,
        customer=member,
        offer=offer,
        methods=METHOD_NAMES,
        needs_manager=needs_manager,
        **more,
    )
