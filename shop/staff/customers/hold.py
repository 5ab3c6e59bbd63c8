"""Lift a hold on redemption."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from shop.domain.statuses import Role
from shop.services.customers.redemption_hold import lift_hold
from shop.services.errors import InvalidInput, NotAllowed
from shop.staff import blueprint
from shop.staff.customers.detail import CUSTOMER
from shop.staff.permissions import requires
from shop.staff.session import signed_in


@blueprint.post(f"{CUSTOMER}/redemption-hold/lift")
@requires("customers.edit")
def customer_hold_lift(customer_id: int) -> Response:
    """Lift a customer's hold on redemption, with a reason."""
    if FlaskForm().validate():
        member = signed_in().member
        try:
            reason = request.form.get("reason", "")
            lift_hold(customer_id, reason, member.actor, is_owner=member.role == Role.OWNER)
            flash(_("The customer can redeem points again."))
        except InvalidInput:
            flash(_("Enter a reason."))
        except NotAllowed as refused:
            flash(_(refused.message_template))
    return redirect(url_for("staff.customer_show", customer_id=customer_id), 303)
