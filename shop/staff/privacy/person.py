"""A customer's personal data: export, consents with evidence, requests. For managers."""

from flask import Response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shop.queries.privacy.archive import make_archive
from shop.services.audit_log import record_alone
from shop.services.customers.records import get_customer
from shop.services.errors import InvalidInput
from shop.services.privacy.consents import ConsentStatement, list_consents, record_consent
from shop.services.privacy.requests import list_own_requests
from shop.staff import blueprint
from shop.staff.confirmation import requires_recent_password
from shop.staff.permissions import requires
from shop.staff.personal_reads import exports_personal_data, shows_personal_data
from shop.staff.privacy import labels
from shop.staff.privacy.forms import ConsentForm
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import redirect_with_message

PERSON = "/customers/<id:customer_id>/personal-data"


@blueprint.get(PERSON)
@requires("privacy.manage")
@shows_personal_data("customer:{customer_id}")
def customer_privacy_show(customer_id: int) -> str:
    """Consents, requests and the export of one customer."""
    return _page(customer_id)


@blueprint.post(f"{PERSON}/export")
@requires("privacy.manage")
@requires_recent_password
@exports_personal_data
def customer_privacy_export(customer_id: int) -> Response:
    """Send everything about a customer as a zip file."""
    archive = make_archive(customer_id)
    record_alone(signed_in().member.actor, "customer.data_exported", f"customer:{customer_id}")
    name = f"personal-data-{customer_id}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(archive, mimetype="application/zip", headers=headers)


@blueprint.post(f"{PERSON}/consents")
@requires("privacy.manage")
def customer_privacy_consent(customer_id: int) -> AnyResponse | tuple[str, int]:
    """Record that a customer gave or withdrew a consent."""
    form = ConsentForm()
    if form.validate():
        given = form.given.data == "yes"
        statement = ConsentStatement(form.kind.data, given, form.source.data, form.text_version.data)
        try:
            record_consent(customer_id, statement, signed_in().member.actor)
            url = url_for("staff.customer_privacy_show", customer_id=customer_id)
            return redirect_with_message(url, _("Consent recorded.") if given else _("Withdrawal recorded."))
        except InvalidInput as refusal:
            put_errors(form, refusal)
    return _page(customer_id, form), 422


def _page(customer_id: int, consent: ConsentForm | None = None) -> str:
    return render_template(
        "staff/privacy/person.html",
        customer=get_customer(customer_id),
        consents=list_consents(customer_id),
        requests=list_own_requests(customer_id),
        labels=labels,
        consent=consent or ConsentForm(formdata=None),
    )
