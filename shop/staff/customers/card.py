"""A customer's card with a QR code, to print or as a PDF file."""

import segno
from flask import Response, render_template, request
from markupsafe import Markup

from shop.domain.customers.contact import card_number
from shop.services.customers.records import get_customer
from shop.staff import blueprint
from shop.staff.customers.detail import CUSTOMER
from shop.staff.personal_reads import shows_personal_data
from shop.web.pages.formats import shop_settings
from shop.web.pages.pdf import pdf_response


@blueprint.get(f"{CUSTOMER}/card")
@shows_personal_data("customer:{customer_id}")
def customer_card(customer_id: int) -> Response:
    """Show the card; the till finds the customer by its code."""
    customer = get_customer(customer_id)
    number = card_number(customer.external_id, customer.phone, customer.email)
    code = segno.make(number, error="m", micro=False).svg_inline(border=2, dark="#000", omitsize=True)
    as_pdf = request.args.get("pdf") == "1"
    page = render_template(
        "documents/card.html",
        customer=customer,
        number=number,
        code=Markup(code),  # noqa: S704 (segno's own SVG)
        shop=shop_settings().values,
        as_pdf=as_pdf,
        orders=[],
        document="card",
    )
    return pdf_response(page, f"card-{customer.id}") if as_pdf else Response(page)
