"""Staff pages below /staff/, one package or file a noun."""

from flask import Blueprint, Flask, redirect, url_for
from werkzeug.wrappers import Response

from shop.web import error_handlers

blueprint = Blueprint("staff", __name__, url_prefix="/staff")

# Importing a module registers its routes and filters on the blueprint.
from shop.staff import (  # noqa: E402,F401
    auth,
    error_pages,
    home,
    page_context,
    registrations,
    session,
    status_names,
)
from shop.staff.account import devices, second_factor  # noqa: E402,F401
from shop.staff.account import views as account_views  # noqa: E402,F401
from shop.staff.backups import views as backup_views  # noqa: E402,F401
from shop.staff.carts import views as cart_views  # noqa: E402,F401
from shop.staff.coupons import detail as coupon_detail  # noqa: E402,F401
from shop.staff.coupons import list as coupon_pages  # noqa: E402,F401
from shop.staff.customers import (  # noqa: E402,F401
    bulk,
    custom_fields,
    duplicates,
    segments,
)
from shop.staff.customers import card as customer_card  # noqa: E402,F401
from shop.staff.customers import detail as customer_detail  # noqa: E402,F401
from shop.staff.customers import hold as customer_hold  # noqa: E402,F401
from shop.staff.customers import list as customer_list  # noqa: E402,F401
from shop.staff.customers import merge as customer_merge  # noqa: E402,F401
from shop.staff.delivery import methods, zones  # noqa: E402,F401
from shop.staff.imports import views as import_views  # noqa: E402,F401
from shop.staff.ledger import views as ledger_views  # noqa: E402,F401
from shop.staff.loyalty_settings import views as loyalty_settings_views  # noqa: E402,F401
from shop.staff.messages import text_views as message_text_views  # noqa: E402,F401
from shop.staff.messages import views as message_views  # noqa: E402,F401
from shop.staff.orders import actions as order_actions  # noqa: E402,F401
from shop.staff.orders import bulk as order_bulk  # noqa: E402,F401
from shop.staff.orders import documents as order_documents  # noqa: E402,F401
from shop.staff.orders import handling as order_handling  # noqa: E402,F401
from shop.staff.orders import list as order_list  # noqa: E402,F401
from shop.staff.orders import views as order_views  # noqa: E402,F401
from shop.staff.orders.entry import edit_views as order_edit_views  # noqa: E402,F401
from shop.staff.orders.entry import views as order_entry_views  # noqa: E402,F401
from shop.staff.payments import claims as payment_claims  # noqa: E402,F401
from shop.staff.payments import views as payment_views  # noqa: E402,F401
from shop.staff.privacy import affected, person, requests, retention  # noqa: E402,F401
from shop.staff.products import actions as product_actions  # noqa: E402,F401
from shop.staff.products import bulk as product_bulk  # noqa: E402,F401
from shop.staff.products import categories as product_categories  # noqa: E402,F401
from shop.staff.products import detail as product_detail  # noqa: E402,F401
from shop.staff.products import list as product_list  # noqa: E402,F401
from shop.staff.reports import views as report_views  # noqa: E402,F401
from shop.staff.sandbox import views as sandbox_views  # noqa: E402,F401
from shop.staff.search import views as search_views  # noqa: E402,F401
from shop.staff.settings import api_keys, approvals, logo, members, payment_methods, roles, store  # noqa: E402,F401
from shop.staff.setup import views as setup_views  # noqa: E402,F401
from shop.staff.sign_in import password, session_status  # noqa: E402,F401
from shop.staff.sign_in import views as sign_in_views  # noqa: E402,F401
from shop.staff.stock import views as stock_views  # noqa: E402,F401
from shop.staff.taxes import views as tax_views  # noqa: E402,F401
from shop.staff.till import device_views as till_device_views  # noqa: E402,F401
from shop.staff.till import offline as till_offline  # noqa: E402,F401
from shop.staff.till import redeem_views as till_redeem_views  # noqa: E402,F401
from shop.staff.till import sale_views as till_sale_views  # noqa: E402,F401
from shop.staff.till import shift_views as till_shift_views  # noqa: E402,F401
from shop.staff.till import views as till_views  # noqa: E402,F401
from shop.staff.webhooks import deliveries as webhook_deliveries  # noqa: E402,F401
from shop.staff.webhooks import endpoints as webhook_endpoints  # noqa: E402,F401


def init_app(app: Flask) -> None:
    """Register the pages, the session loader, and a redirect from ``/``."""
    session.init_app(app)
    app.extensions.setdefault(error_handlers.PAGES, {})["/staff/"] = error_pages.render
    app.register_blueprint(blueprint)
    app.add_url_rule("/", "entrance", _entrance)


def _entrance() -> Response:
    """Redirect to the overview, which redirects to the sign-in if needed."""
    return redirect(url_for("staff.home_show"))
