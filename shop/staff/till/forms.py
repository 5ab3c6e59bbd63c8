"""The forms of the till."""

import re

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, PasswordField, RadioField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Optional

from shop.domain.formats import format_amount
from shop.domain.ids import find_id
from shop.domain.money import format_money
from shop.domain.payments.mpesa_values import CURRENCY
from shop.queries.till.came_in import CameIn
from shop.services.till.sales import Sale
from shop.web.pages.forms import RequestKeyForm, amount_wanted, example_amount, read_cents, text_field

POINTS = re.compile("[0-9]{1,12}", re.ASCII)
METHOD_NAMES = {"cash": _("Cash"), "mpesa": _("M-Pesa"), "card": _("Card")}


class SaleForm(RequestKeyForm):
    """A sale to a member. ``request_key`` is the sale's own id: sent twice, it counts once."""

    customer_id = HiddenField(filters=[lambda raw: find_id(str(raw or ""))], validators=[DataRequired()])
    amount = text_field(_("Amount"), 20, DataRequired(_("Enter the amount")))
    method = RadioField(_("Paid by"), choices=[SelectChoice(*each) for each in METHOD_NAMES.items()], default="cash")
    reference = text_field(_("Payment reference"), 100)
    repeated = HiddenField()
    """``1`` once someone has confirmed that the same amount was paid again."""
    paid_by = HiddenField()
    """The receipt of a payment that came in and was chosen to pay the sale."""

    def pay_by(self, payment: CameIn | None) -> str:
        """Enter a payment as what pays the sale; return why it cannot, or nothing."""
        if payment is None:
            return str(_("This payment is used already or came in too long ago. Enter its code as the reference."))
        self.method.data, self.reference.data = "mpesa", payment.receipt
        if not (self.amount.data or "").strip():
            self.amount.data = format_money(payment.amount_cents, CURRENCY)
        if self.amount_cents == payment.amount_cents:
            return ""
        paid, cost = (format_amount(cents, CURRENCY) for cents in (payment.amount_cents, self.amount_cents))
        return str(
            _("%(paid)s was paid, but the sale is over %(cost)s. Change the amount, or record it as it is.")
            % {"paid": paid, "cost": cost}
        )

    def validate_amount(self, field: Field) -> None:
        """Require an amount of money above 0."""
        if not read_cents(field.data):
            raise ValidationError(_("Enter an amount above 0 such as %(example)s", example=example_amount()))

    @property
    def amount_cents(self) -> int:
        """The amount in minor units; 0 as long as it cannot be read."""
        return max(0, read_cents(self.amount.data) or 0)

    def sale(self) -> Sale:
        """Return the sale of a valid form; the reference of cash is left out."""
        reference = (self.reference.data or "").upper() if self.method.data != "cash" else ""
        return Sale(
            sale_id=self.request_key.data,
            customer_id=self.customer_id.data,
            amount_cents=self.amount_cents,
            method=self.method.data,
            reference=reference or None,
        )


class RedeemForm(SaleForm):
    """A sale on which points or a coupon are used: by the customer's code, or with a manager's approval."""

    points = text_field(_("Points to use"), 12)
    coupon = text_field(_("Coupon"), 64)
    code = text_field(_("Code"), 12)
    token = HiddenField()
    """The result of a code or an approval, so that neither is asked for twice."""
    reason = text_field(_("Reason"), 200)
    approver_email = text_field(_("Manager’s e-mail"), 254)
    approver_password = PasswordField(_("Manager’s password"))
    approver_code = text_field(_("Manager’s second factor"), 40)
    approver_passkey = HiddenField()
    """The response of a manager's passkey, which a script fills in."""

    def validate_points(self, field: Field) -> None:
        """A whole number, or nothing."""
        if field.data and not POINTS.fullmatch(field.data):
            raise ValidationError(_("Enter a whole number of points"))

    @property
    def points_used(self) -> int:
        """The points; 0 as long as they cannot be read."""
        return int(self.points.data) if POINTS.fullmatch(self.points.data or "") else 0


class OpenForm(FlaskForm):  # type: ignore[misc]
    """The cash that is in the drawer when the till opens."""

    float = text_field(_("Cash in the drawer"), 20, DataRequired(_("Enter the amount")))

    def validate_float(self, field: Field) -> None:
        """An amount of money, also 0."""
        _check_amount(field)

    @property
    def cents(self) -> int:
        """The amount in minor units."""
        return read_cents(self.float.data) or 0


class CloseForm(FlaskForm):  # type: ignore[misc]
    """The amounts counted by method, and the reason for a difference. No amount but that of cash is 0."""

    cash = text_field(_("Cash"), 20, DataRequired(_("Enter the amount")))
    mpesa = text_field(_("M-Pesa"), 20)
    card = text_field(_("Card"), 20)
    note = text_field(_("Where does the difference come from?"), 500)

    validate_cash = validate_mpesa = validate_card = lambda _form, field: _check_amount(field)

    @property
    def counted(self) -> dict[str, int]:
        """The amounts of a valid form in minor units, by method."""
        return {method: read_cents(self[method].data) or 0 for method in METHOD_NAMES}


def _check_amount(field: Field) -> None:
    cents = read_cents(field.data) if field.data else 0
    if cents is None or cents < 0:
        raise ValidationError(amount_wanted())


class JoinForm(FlaskForm):  # type: ignore[misc]
    """A new member: the phone is enough. The answer about marketing is the customer's, so none is chosen for them."""

    phone = text_field(_("Phone"), 40, DataRequired(_("Enter the phone number")))
    first_name = text_field(_("First name"), 100)
    last_name = text_field(_("Last name"), 100)
    joins = BooleanField(_("The customer wants to collect points here"), default=True)
    marketing = RadioField(
        _("May we send offers by SMS?"),
        choices=[SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))],
        validators=[Optional()],
    )
