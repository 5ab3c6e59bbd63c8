"""QR codes to print or as PDF files: a customer's card, and the poster with the page to join."""

from flask import Response, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from shop.domain.customers.contact import card_number
from shop.domain.text.languages import LANGUAGES
from shop.services.customers.records import get_customer
from shop.services.shops.shops import current_slug
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


@blueprint.get("/customers/poster")
def join_poster() -> Response:
    """Show an A4 page that says how to join, in every language."""
    slug = current_slug()
    url = url_for("customer_page.join_show", shop=slug, _external=True)
    as_pdf = request.args.get("pdf") == "1"
    page = render_template(
        "documents/poster.html",
        url=url,
        slug=slug,
        code=qr_svg(url),
        texts=[_poster_texts(language) for language in LANGUAGES],
        shop=shop_settings().values,
        logo=shop_settings().logo,
        as_pdf=as_pdf,
        orders=[],
        document="poster",
    )
    return pdf_response(page, "poster") if as_pdf else Response(page)


def _poster_texts(language: str) -> dict[str, str]:
    with force_locale(language):
        return {
            "language": language,
            "heading": _("Collect points with every purchase"),
            "what_to_do": _("Scan this code with your phone’s camera to join."),
            "about": _("Every purchase earns points, and points pay for later purchases. It costs nothing."),
        }
