"""A sale at the till: entered, recorded once, shown, undone."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.ids import find_id
from shop.domain.loyalty.points import points_earned
from shop.queries.till.came_in import find_came_in, list_came_in
from shop.queries.till.members import get_member
from shop.queries.till.sales import find_repeated_sale, find_sale_by_reference
from shop.services.errors import Conflict, ShopError, TooOften
from shop.services.payments.registration import takes_payments
from shop.services.till.receipts import find_receipt_channel, send_receipt
from shop.services.till.sales import get_sale_of_order, record_sale, undo_sale
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.personal_reads import shows_personal_data
from shop.staff.session import signed_in
from shop.staff.till.forms import METHOD_NAMES, SaleForm
from shop.staff.till.page import at_this_till, seconds_to_undo, show_till
from shop.web.i18n import translate
from shop.web.pages.formats import shop_settings
from shop.web.pages.forms import put_errors

ID = "<id:order_id>"


@blueprint.get("/till/sale")
@requires("orders.pay")
@shows_personal_data("list:till")
def till_sale_new() -> AnyResponse:
    """Show the form of a sale to ``?customer=``; with ``?amount=``, what it earns."""
    customer = request.args.get("customer", type=find_id)
    if customer is None:
        return redirect(url_for("staff.till_show"), 303)
    return _form(SaleForm(data={"customer_id": customer, "amount": request.args.get("amount", "")}))


@blueprint.post("/till/sale")
@requires("orders.pay")
def till_sale_create() -> AnyResponse:
    """Record the sale; the same amount again within minutes has to be confirmed."""
    form = SaleForm()
    if form.customer_id.data is None:
        return redirect(url_for("staff.till_show"), 303)
    if form.paid_by.data and (wrong := form.pay_by(find_came_in(form.paid_by.data))):
        return _form(form, 422, refusal=wrong)
    if not form.validate():
        return _form(form, 422)
    sale = at_this_till(form.sale())
    repeated = find_repeated_sale(form.customer_id.data, sale.amount_cents)
    if repeated is not None and not sale.reference and form.repeated.data != str(repeated.order_id):
        if _is_recorded(repeated.order_id, sale.sale_id):
            return redirect(url_for("staff.till_sale_show", order_id=repeated.order_id), 303)
        return _form(form, 422, repeated=repeated)
    try:
        recorded = record_sale(sale, signed_in().member.actor)
    except ShopError as refused:
        return _refused(form, refused)
    return redirect(url_for("staff.till_sale_show", order_id=recorded.order.id), 303)


@blueprint.get("/till/payments")
@requires("orders.pay")
def till_payment_list() -> str:
    """Return the payments by M-Pesa that came in a moment ago, for the form of a sale."""
    return render_template("staff/till/_came_in.html", came_in=list_came_in())


@blueprint.get(f"/till/sales/{ID}")
@requires("orders.pay")
@shows_personal_data("list:till")
def till_sale_show(order_id: int) -> Response:
    """Show a recorded sale: points, balance, worth, receipt and undo."""
    recorded = get_sale_of_order(order_id)
    left = seconds_to_undo(recorded.sale.created_at, recorded.sale.undone_at)
    channel = find_receipt_channel(recorded.order.customer_id)
    return show_till("given", recorded=recorded, methods=METHOD_NAMES, seconds_left=left, channel=channel)


@blueprint.post(f"/till/sales/{ID}/receipt")
@requires("orders.pay")
def till_receipt_send(order_id: int) -> AnyResponse:
    """Send the customer the receipt by SMS or e-mail, with a link."""
    try:
        send_receipt(order_id, signed_in().member.actor)
    except (Conflict, TooOften) as refused:
        flash(translate(refused.message))
    else:
        flash(_("The receipt is on its way."))
    return redirect(url_for("staff.till_sale_show", order_id=order_id), 303)


@blueprint.post(f"/till/sales/{ID}/undo")
@requires("orders.pay")
def till_sale_undo(order_id: int) -> AnyResponse:
    """Undo a sale within ten minutes."""
    sale_id = get_sale_of_order(order_id).sale.sale_id
    try:
        undo_sale(sale_id, signed_in().member.actor)
    except Conflict as refused:
        flash(translate(refused.message))
        return redirect(url_for("staff.till_sale_show", order_id=order_id), 303)
    flash(_("Sale undone."))
    return redirect(url_for("staff.till_show"), 303)


def _is_recorded(order_id: int, sale_id: str | None) -> bool:
    """Return whether an order is that of this very form, which was sent twice."""
    return get_sale_of_order(order_id).sale.sale_id == sale_id


def _refused(form: SaleForm, refused: ShopError) -> Response:
    """Show why nothing was recorded; a reference that was used before shows its sale."""
    used = find_sale_by_reference(form.sale().reference or "") if refused.code == "reference_used" else None
    if used is not None:
        return _form(form, 422, used=used)
    if put_errors(form, refused):
        return _form(form, 422)
    return _form(form, 422, refusal=translate(refused.message))


def _form(form: SaleForm, status: int = 200, **more: object) -> Response:
    member = get_member(form.customer_id.data or 0)
    rules, amount = shop_settings().rules, form.amount_cents
    points = points_earned(amount, rules) if amount and rules.enabled else 0
    more |= {"came_in": list_came_in() if takes_payments() else None}
    return show_till("sale", status, form=form, customer=member, points=points, methods=METHOD_NAMES, **more)
