"""Load the demo shop once, through the services, in one transaction."""

from datetime import timedelta
from random import Random

from sqlalchemy import delete

from shop.db.session import db
from shop.db.tenant import in_shop
from shop.db.transaction import transaction
from shop.demo.products import add_products
from shop.demo.year import DAYS, Year
from shop.domain.statuses import Role
from shop.models import Shop, ShopSetting
from shop.services import clock
from shop.services.actors import Actor
from shop.services.catalogue.payment_methods import add_payment_method
from shop.services.catalogue.shipping import add_shipping_method
from shop.services.coupons.records import add_coupon
from shop.services.shops.shops import create_shop, list_shops
from shop.services.staff.accounts import create_staff
from shop.services.staff.api_keys import create_api_key

NAME = "Duka la Mama Njeri"
SLUG = "duka-la-mama-njeri"
OWNER = "njeri@duka.example"
COUPON = "WELCOME10"
STOREFRONT = "http://localhost:5050"
HOSTS = ["localhost", "127.0.0.1"]
"""Hosts that always mean the demo shop, even if there are other shops."""
SEED = 254
SETTINGS = {
    "store_email": "karibu@duka.example",
    "store_address": "Ngong Road, Nairobi",
    "storefront_url": STOREFRONT,
    "allowed_origins": STOREFRONT,
    "hosted_shop_enabled": "true",
    "loyalty_points_enabled": "true",
}
WHILE_LOADING = {"unconfirmed_order_hours": "0"}
"""Unpaid orders of the year are not cancelled; later ones follow the default."""
"""Points stay at their defaults: 1 for each 1.00 spent, 100 for 1.00 off, up to half of an order."""


def find_demo() -> Shop | None:
    """Return the demo shop; None if it was not loaded."""
    return next((shop for shop in list_shops() if shop.slug == SLUG), None)


def load_demo(owner_password: str) -> Shop:
    """Create the demo shop with a year of orders, in one transaction. Raise Conflict if it exists."""
    now = clock.now()
    with transaction():
        with clock.moved_to(now - timedelta(days=DAYS + 7)):
            shop = create_shop(NAME, slug=SLUG, hosts=HOSTS, **SETTINGS, **WHILE_LOADING)
        with in_shop(shop.id):
            with clock.moved_to(now - timedelta(days=DAYS + 6)):
                year = _open(owner_password)
            year.now = now
            year.live()
            db.session.execute(delete(ShopSetting).where(ShopSetting.key.in_(WHILE_LOADING)))
    return shop


def _open(owner_password: str) -> Year:
    """Create what the shop needs before its first order: staff, products, delivery, payments, coupons, a till."""
    create_staff(OWNER, owner_password, name="Njeri Kamau", role=Role.OWNER)
    manager = create_staff("wambui@duka.example", owner_password, name="Wambui Kariuki", role=Role.MANAGER)
    create_staff("otieno@duka.example", owner_password, name="Otieno Ouma", role=Role.CLERK)
    rider = add_shipping_method("Rider in Nairobi", 20_000, free_above_cents=300_000, countries=["KE"])
    add_shipping_method("Courier anywhere in Kenya", 45_000, countries=["KE"])
    add_payment_method("mpesa", "M-Pesa", config={"paybill": "247247", "account": "DUKA"}, position=1)
    add_payment_method("cod", "Cash on Delivery", position=2)
    add_payment_method("till", "M-Pesa till", config={"till_number": "5247247"}, position=3)
    add_coupon(COUPON, "percentage", 1_000)
    add_coupon("KARIBU200", "fixed", 20_000, min_purchase_cents=200_000)
    till = create_api_key("Till 1", life=None)  # an API key that no one holds: the year's till sales name it
    return Year(
        chance=Random(SEED),  # noqa: S311 (demo data, not a secret)
        products=add_products(),
        delivery=rider,
        manager=Actor("staff", manager.id, manager.name),
        till=Actor("api_key", till.id, "Till 1"),
        now=clock.now(),
    )
