"""A customer's card with a QR code, to print or as a PDF file."""

from flask import Response, render_template, request

from shop.domain.customers.contact import card_number
from shop.services.customers.records import get_customer
from shop.staff import blueprint
from shop.staff.customers.detail import CUSTOMER
from shop.staff.personal_reads import shows_personal_data
from shop.web.pages.formats import shop_settings
from shop.web.pages.pdf import pdf_response
from shop.web.pages.qr import qr_svg


@blueprint.get(f"{CUSTOMER}/card")
@shows_personal_data("customer:{customer_id}")
def customer_card(customer_id: int) -> Response:
    """Show the card; the till finds the customer by its code."""
    customer = get_customer(customer_id)
    number = card_number(customer.external_id, customer.phone, customer.email)
    as_pdf = request.args.get("pdf") == "1"
    page = render_template(
        "documents/card.html",
        customer=customer,
        number=number,
        code=qr_svg(number),
        shop=shop_settings().values,
        as_pdf=as_pdf,
        orders=[],
        document="card",
    )
    return pdf_response(page, f"card-{customer.id}") if as_pdf else Response(page)
