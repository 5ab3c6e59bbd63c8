"""The completed steps of setting up a shop, derived from its data."""

from typing import Any, NamedTuple

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.settings import SETTINGS
from shop.domain.statuses import ProductStatus
from shop.models import Customer, Order, PaymentMethod, Product, ShippingMethod
from shop.services.catalogue.sample import PREFIX
from shop.services.shops.settings import get_settings


class SetupSteps(NamedTuple):
    """The steps in their recommended order, each done or not."""

    brand: bool
    loyalty: bool
    products: bool
    payment: bool
    delivery: bool
    customers: bool
    order: bool


def get_setup_steps() -> SetupSteps:
    """Return the steps of the session's shop. The brand needs a logo, a colour of its own or a store e-mail."""
    values = get_settings().values
    is_sample = func.coalesce(Product.external_id, "").like(f"{PREFIX}%")
    has_color = values["brand_color"] != SETTINGS["brand_color"].default
    return SetupSteps(
        brand=has_color or bool(values["store_email"] or values["store_logo"]),
        loyalty=values["loyalty_points_enabled"] == "true",
        products=_exists(Product, Product.status == ProductStatus.ACTIVE, ~is_sample),
        payment=_exists(PaymentMethod, PaymentMethod.enabled.is_(True)),
        delivery=_exists(ShippingMethod, ShippingMethod.enabled.is_(True)),
        customers=_exists(Customer),
        order=_exists(Order),
    )


def _exists(model: Any, *conditions: Any) -> bool:
    return db.session.scalars(select(model.id).where(*conditions).limit(1)).first() is not None
