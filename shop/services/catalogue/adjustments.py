"""Stock adjustments by staff, programs and imports; each is a stock movement."""

from collections.abc import Sequence

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.statuses import MovementKind
from shop.models import Branch, Product, StockMovement, Variant
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.catalogue.events import record_product, show_product
from shop.services.catalogue.stock import StockChange, write_movements
from shop.services.errors import InvalidInput, NotFound

MAX_STOCK = 1_000_000_000
UNCOUNTED = "has no counted stock: set track_stock"


def list_branches() -> Sequence[Branch]:
    """Return the shop's branches, the default one first."""
    return db.session.scalars(select(Branch).order_by(Branch.is_default.desc(), Branch.id)).all()


def default_branch_id() -> int:
    """Return the id of the branch from which orders take stock."""
    return db.session.scalars(select(Branch.id).where(Branch.is_default)).one()


def adjust_stock(
    product_id: int,
    change: int,
    reason: str,
    actor: Actor,
    *,
    variant_id: int | None = None,
    branch_id: int | None = None,
) -> StockMovement:
    """Change the counted stock of a product or variant by a number of pieces, and return the movement.

    In the default branch unless one is given. Raises NotFound; InvalidInput if the stock is not counted, if the product
    has variants and none is named, or if the stock of the branch would fall below zero.
    """
    with transaction():
        item = lock_article(product_id, variant_id)
        if item.stock_quantity is None:
            raise InvalidInput.of("variant_id" if variant_id else "product_id", UNCOUNTED)
        branch = _branch(branch_id)
        if not -MAX_STOCK <= change <= MAX_STOCK or change == 0:
            raise InvalidInput.of("change", "must be a number of pieces other than 0")
        if item.stock_quantity + change < 0 or (change < 0 and _stock_at(product_id, variant_id, branch) + change < 0):
            raise InvalidInput.of("change", "would make the stock less than 0", code="stock_below_zero")
        before = show_product(product_id)
        move_stock(item, change, MovementKind.ADJUSTMENT, actor, branch_id=branch, reason=reason)
        record_product(product_id, actor, before)
        newest = select(StockMovement).where(StockMovement.product_id == product_id).order_by(StockMovement.id.desc())
        return db.session.scalars(newest.limit(1)).one()


def count_stock(
    product_id: int,
    quantity: int,
    reason: str,
    actor: Actor,
    *,
    variant_id: int | None = None,
    branch_id: int | None = None,
) -> None:
    """Set the stock of a product or variant to what was counted: in a branch, or in all if none is given.

    Stock that was not counted is counted from then on. Raises NotFound, InvalidInput as :func:`adjust_stock`.
    """
    with transaction():
        item = lock_article(product_id, variant_id)
        before = show_product(product_id)
        if branch_id is None:
            set_stock(item, quantity, MovementKind.ADJUSTMENT, actor, reason=reason)
        else:
            _count_at(item, (product_id, variant_id, _branch(branch_id)), quantity, reason, actor)
        record_product(product_id, actor, before)


def _count_at(
    item: Product | Variant, where: tuple[int, int | None, int], quantity: int, reason: str, actor: Actor
) -> None:
    change = quantity - _stock_at(*where)
    if (item.stock_quantity or 0) + change < 0:
        raise InvalidInput.of("change", "would make the stock less than 0", code="stock_below_zero")
    if item.stock_quantity is None:
        item.stock_quantity = 0
    if change:
        move_stock(item, change, MovementKind.ADJUSTMENT, actor, branch_id=where[2], reason=reason)


def transfer_stock(
    article: tuple[int, int | None], branches: tuple[int | None, int | None], pieces: int, reason: str, actor: Actor
) -> list[StockMovement]:
    """Move pieces of a product (id, variant's id or None) from one branch to another; None is the default branch.

    Return the movement out and the movement in. The stock in all stays. Raises NotFound, InvalidInput as
    :func:`adjust_stock`: what leaves a branch must be there.
    """
    with transaction() as session:
        item = lock_article(*article)
        if item.stock_quantity is None:
            raise InvalidInput.of("variant_id" if article[1] else "product_id", UNCOUNTED)
        source, target = _branch(branches[0], "from_branch_id"), _branch(branches[1], "to_branch_id")
        if source == target:
            raise InvalidInput.of("to_branch_id", "must be another branch")
        if not 1 <= pieces <= MAX_STOCK:
            raise InvalidInput.of("quantity", "must be a number of pieces from 1")
        if _stock_at(*article, source) < pieces:
            raise InvalidInput.of("quantity", "is more than this branch has", code="stock_below_zero")
        after, total = item.stock_quantity - pieces, item.stock_quantity
        made = [StockChange(*article, source, -pieces, after), StockChange(*article, target, pieces, total)]
        write_movements(made, MovementKind.TRANSFER, actor, reason=reason)
        movement = f"{pieces}: branch {source} → {target}"
        audit_log.record(actor, "stock.transferred", f"product:{article[0]}", new=movement, reason=reason)
        newest = select(StockMovement).where(StockMovement.product_id == article[0]).order_by(StockMovement.id.desc())
        return list(session.scalars(newest.limit(2)))[::-1]


def lock_article(product_id: int, variant_id: int | None) -> Product | Variant:
    """Return a product, or a variant of it, locked until the transaction ends.

    Raises NotFound; InvalidInput if the product has variants and none is named.
    """
    fresh = {"populate_existing": True}
    product = db.session.scalars(
        select(Product).where(Product.id == product_id).with_for_update(), execution_options=fresh
    ).first()
    if product is None:
        raise NotFound("There is no such product.", code="product_not_found")
    if variant_id is None:
        if product.variants:
            raise InvalidInput.of("variant_id", "is required because this product has variants")
        return product
    statement = select(Variant).where(Variant.id == variant_id, Variant.product_id == product_id)
    variant = db.session.scalars(statement.with_for_update(), execution_options=fresh).first()
    if variant is None:
        raise InvalidInput.of("variant_id", "is not a variant of this product")
    return variant


def set_stock(
    item: Product | Variant, quantity: int | None, kind: MovementKind, actor: Actor, *, reason: str = ""
) -> None:
    """Set the stock of a locked row, in the caller's transaction; None stops counting it."""
    before = item.stock_quantity or 0
    if item.stock_quantity is None and quantity is not None:
        item.stock_quantity = 0
    if (quantity or 0) != before:
        move_stock(item, (quantity or 0) - before, kind, actor, reason=reason)
    item.stock_quantity = quantity


def move_stock(
    item: Product | Variant,
    change: int,
    kind: MovementKind,
    actor: Actor,
    *,
    branch_id: int | None = None,
    reason: str = "",
) -> None:
    """Change the stock of a locked row and write the movement, in the caller's transaction: the product has changed."""
    after = (item.stock_quantity or 0) + change
    item.stock_quantity = after
    db.session.flush()
    product_id, variant_id = (item.product_id, item.id) if isinstance(item, Variant) else (item.id, None)
    db.session.get_one(Product, product_id).updated_at = clock.now()
    made = StockChange(product_id, variant_id, branch_id or default_branch_id(), change, after)
    write_movements([made], kind, actor, reason=reason)


def _branch(branch_id: int | None, field: str = "branch_id") -> int:
    if branch_id is None:
        return default_branch_id()
    found = db.session.scalars(select(Branch.id).where(Branch.id == branch_id)).first()
    if found is None:
        raise InvalidInput.of(field, "is not a branch of this shop")
    return found


def _stock_at(product_id: int, variant_id: int | None, branch_id: int) -> int:
    row = StockMovement
    return db.session.scalars(
        select(func.coalesce(func.sum(row.change), 0)).where(
            row.product_id == product_id,
            row.variant_id.is_(None) if variant_id is None else row.variant_id == variant_id,
            row.branch_id == branch_id,
        )
    ).one()
