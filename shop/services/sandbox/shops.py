"""Sandbox shops: made from a live shop's set-up, and reset to have no data."""

from typing import Final

from sqlalchemy import delete, select, update

from shop.db.session import db
from shop.db.tenant import current_shop_id, in_shop
from shop.db.transaction import transaction
from shop.domain.statuses import Role
from shop.models import Base, Coupon, Membership, PaymentMethod, SandboxClock, Shop, ShopSetting
from shop.services import audit_log, clock
from shop.services.actors import SYSTEM, Actor
from shop.services.errors import Conflict
from shop.services.sandbox.clock import require_sandbox
from shop.services.shops.shops import add_shop, current_slug, get_shop

OWN_SETTINGS: Final = frozenset({"store_name", "hosted_shop_enabled"})
METHOD_COLUMNS: Final = ("code", "name", "enabled", "config", "position", "time_limit_minutes")
KEPT: Final = frozenset(
    {
        *(
            "api_keys",
            "audit_entries",
            "branches",
            "callback_registrations",
            "categories",
            "coupons",
            "custom_fields",
            "event_counters",
        ),
        *("memberships", "payment_methods", "payment_secrets", "product_categories", "product_images", "product_tags"),
        *("products", "rate_windows", "sandbox_clocks", "saved_views", "segments", "shipping_methods"),
        *("shipping_zones", "shop_hosts", "shop_settings", "staff_roles", "staff_sessions", "staff_tokens"),
        *("tax_classes", "variants", "webhook_endpoints"),
    }
)
"""Tables of a shop that a reset leaves: set-up, catalogue, who may do what, the last number of an event."""


def list_sandboxes() -> list[int]:
    """Return the ids of all sandbox shops."""
    return list(db.session.scalars(select(Shop.id).where(Shop.sandbox).order_by(Shop.id)))


def create_sandbox(
    live: Shop, name: str | None = None, *, slug: str | None = None, hosts: list[str] | None = None
) -> Shop:
    """Make a sandbox shop with the settings, payment methods and owners of a live shop, and return it.

    Credentials are not copied. Raise InvalidInput and Conflict as `add_shop`.
    """
    with transaction():
        with in_shop(live.id):
            own = {row.key: row.value for row in db.session.scalars(select(ShopSetting))}
            methods = db.session.scalars(select(PaymentMethod).order_by(PaymentMethod.id))
            copied = [{column: getattr(row, column) for column in METHOD_COLUMNS} for row in methods]
            owners = db.session.scalars(select(Membership.staff_user_id).where(Membership.role == Role.OWNER)).all()
        settings = {key: value for key, value in own.items() if key not in OWN_SETTINGS}
        name = name or f"{live.name[:190]} (sandbox)"
        made = add_shop(name, slug or usual_slug(live.slug), hosts or [], settings, sandbox=True)
        with in_shop(made.id):
            db.session.add_all(PaymentMethod(**values) for values in copied)
            now = clock.real_now()
            db.session.add_all(Membership(staff_user_id=one, role=Role.OWNER, created_at=now) for one in owners)
            audit_log.record(SYSTEM, "sandbox.created", "sandbox", new=live.slug)
            db.session.flush()
    return made


def usual_slug(live_slug: str) -> str:
    """Return the short name that a shop's sandbox has unless another is given."""
    return f"{live_slug[:56]}-sandbox"


def find_sandbox() -> Shop | None:
    """Return the sandbox of the session's shop that has the usual short name."""
    wanted = select(Shop).where(Shop.slug == usual_slug(current_slug()), Shop.sandbox)
    return db.session.scalars(wanted).first()


def create_sandbox_of_this_shop(actor: Actor) -> Shop:
    """Make a sandbox of the session's live shop. Raise Conflict in a sandbox, or if the short name is taken."""
    live = get_shop(current_slug())
    if live.sandbox:
        raise Conflict("This is a sandbox already.")
    made = create_sandbox(live)
    with transaction():
        audit_log.record(actor, "sandbox.created", "sandbox", new=made.slug)
    return made


def reset_sandbox(actor: Actor) -> None:
    """Delete the customers, orders, points and messages of the session's sandbox shop; its clock shows real time again.

    Raise NotAllowed in a live shop.
    """
    require_sandbox()
    shop_id = current_shop_id()
    with transaction() as session:
        for table in reversed(Base.metadata.sorted_tables):
            if "shop_id" in table.c and table.name not in KEPT:
                session.execute(delete(table).where(table.c.shop_id == shop_id))
        session.execute(update(Coupon).values(usage_count=0))
        session.execute(update(SandboxClock).values(ahead_seconds=0, moving_until=None, moved_from=None))
        audit_log.record(actor, "sandbox.reset", "sandbox")
