"""Carts of guests (by session) and of customers; signing in merges the first into the second."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.models import Cart, CartItem, Product
from shop.services import clock
from shop.services.actors import Shopper
from shop.services.catalogue.products.for_sale import (
    MAX_LINES,
    MAX_QUANTITY,
    WITH_PARTS,
    CartLine,
    PricedLine,
    current_price,
    price_lines,
)
from shop.services.errors import Conflict, InvalidInput, NotFound
from shop.services.orders.placement import Checkout, PlacedOrder, place_order
from shop.services.shoppers.sessions import begin_session


def list_items(shopper: Shopper | None) -> list[CartItem]:
    """Return the items of a session's cart, oldest first, with products and variants, without those not for sale."""
    if shopper is None:
        return []
    statement = (
        select(CartItem)
        .join(Cart, Cart.id == CartItem.cart_id)
        .join(Product, Product.id == CartItem.product_id)
        .where(_own(shopper), Product.status == "active")
        .options(joinedload(CartItem.product).options(*WITH_PARTS), joinedload(CartItem.variant))
        .order_by(CartItem.id)
        .execution_options(populate_existing=True)
    )
    return list(db.session.scalars(statement))


def add_up(items: Sequence[CartItem]) -> int:
    """Return the current catalogue prices of the items in cents."""
    return sum(current_price(item.product, item.variant) * item.quantity for item in items)


def count_pieces(shopper: Shopper | None) -> int:
    """Return the number of pieces in a session's cart."""
    if shopper is None:
        return 0
    statement = select(func.coalesce(func.sum(CartItem.quantity), 0)).join(Cart, Cart.id == CartItem.cart_id)
    return int(db.session.scalars(statement.where(_own(shopper))).one())


def write_cart(items: Sequence[CartItem]) -> str:
    """Return a cart for the checkout's URL: ``12:1,13.4:2``, product, variant and quantity."""
    return ",".join(
        f"{item.product_id}{f'.{item.variant_id}' if item.variant_id else ''}:{item.quantity}" for item in items
    )


def find_item(shopper: Shopper | None, item_id: int) -> CartItem | None:
    """Return a line of a session's cart; None if there is none with that id."""
    return next((item for item in list_items(shopper) if item.id == item_id), None)


def _own(shopper: Shopper) -> ColumnElement[bool]:
    if shopper.customer_id is not None:
        return Cart.customer_id == shopper.customer_id
    return Cart.session_id == shopper.session_id


def add_item(shopper: Shopper | None, line: CartLine) -> tuple[CartItem, str | None]:
    """Add an article to the cart; return the item, and the token of a new session.

    Raises InvalidInput for an article not for sale, or past the cart's limits; Conflict if the stock is too low.
    """
    priced = _price(line)
    with transaction():
        token = None
        if shopper is None:
            shopper, token = begin_session(None)
        cart = _open_cart(shopper)
        item = _find(cart, line)
        quantity = line.quantity + (item.quantity if item is not None else 0)
        _check(priced, quantity)
        if item is None:
            _check_room(cart)
            item = _put(cart, line)
        item.quantity = quantity
        db.session.flush()
        return _read(item.id), token


def set_quantity(shopper: Shopper | None, item_id: int, quantity: int) -> CartItem:
    """Set the quantity of an item. Raises NotFound, and as :func:`add_item`."""
    with transaction():
        item = _get(shopper, item_id)
        _check(_price(CartLine(item.product_id, quantity, item.variant_id)), quantity)
        item.quantity = quantity
        db.session.flush()
        return _read(item.id)


def remove_item(shopper: Shopper | None, item_id: int) -> None:
    """Remove an item from the cart. Raises NotFound."""
    with transaction() as session:
        session.delete(_get(shopper, item_id))


def empty_cart(shopper: Shopper | None) -> None:
    """Remove all items from the cart."""
    if shopper is None:
        return
    with transaction():
        _remove(CartItem.cart_id.in_(select(Cart.id).where(_own(shopper))))


def place_order_from(
    shopper: Shopper | None, checkout: Checkout, *, begin: bool = False, address: str | None = None
) -> tuple[PlacedOrder, str | None]:
    """Place an order and, in its transaction, remove its lines from the session's cart.

    Raises as ``place_order``; ``address`` is the client's network address. The session may pay the order. With
    ``begin`` a guest without a session gets one; its token is the second part.
    """
    with transaction():
        begun, token = begin_session(None) if shopper is None and begin else (shopper, None)
        placed = place_order(checkout, shopper=begun, address=address)
        if shopper is not None:
            remove_lines(shopper, checkout.lines)
        return placed, token


def remove_lines(shopper: Shopper, lines: Sequence[CartLine]) -> None:
    """Remove ordered lines from a session's cart, in the caller's transaction."""
    cart = select(Cart.id).where(_own(shopper))
    for line in lines:
        _remove(CartItem.cart_id.in_(cart), *_article(line))


def merge_cart(shopper: Shopper | None, customer_id: int) -> None:
    """Merge a guest's cart into the cart of the customer who signs in, in the caller's transaction.

    Quantities add up, as far as the stock and the cart's limits allow.
    """
    if shopper is None or shopper.customer_id is not None:
        return
    guests = db.session.scalars(select(Cart).where(Cart.session_id == shopper.session_id).with_for_update()).first()
    if guests is None:
        return
    cart = _open_cart(Shopper(shopper.session_id, customer_id))
    brought = db.session.scalars(
        select(CartItem)
        .where(CartItem.cart_id == guests.id)
        .options(joinedload(CartItem.product), joinedload(CartItem.variant))
        .order_by(CartItem.id)
    ).all()
    for item in brought:
        _bring(cart, item)
    _remove(CartItem.cart_id == guests.id)
    db.session.flush()


def _bring(cart: Cart, item: CartItem) -> None:
    line = CartLine(item.product_id, item.quantity, item.variant_id)
    there = _find(cart, line)
    stock = (item.variant or item.product).stock_quantity
    most = MAX_QUANTITY if stock is None else min(stock, MAX_QUANTITY)
    quantity = min(item.quantity + (there.quantity if there is not None else 0), most)
    if there is not None:
        there.quantity = max(quantity, there.quantity)
    elif quantity > 0 and _count(cart) < MAX_LINES:
        _put(cart, line).quantity = quantity
    db.session.flush()


def _open_cart(shopper: Shopper) -> Cart:
    """Return the session's cart, created if missing, locked until the transaction ends."""
    of_customer = shopper.customer_id is not None
    column, owner = (Cart.customer_id, shopper.customer_id) if of_customer else (Cart.session_id, shopper.session_id)
    insert_or_ignore(Cart, [column], **{column.key: owner}, created_at=clock.now())
    return db.session.scalars(select(Cart).where(column == owner).with_for_update()).one()


def _article(line: CartLine) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    variant = CartItem.variant_id
    return CartItem.product_id == line.product_id, (
        variant.is_(None) if line.variant_id is None else variant == line.variant_id
    )


def _find(cart: Cart, line: CartLine) -> CartItem | None:
    return db.session.scalars(select(CartItem).where(CartItem.cart_id == cart.id, *_article(line))).first()


def _put(cart: Cart, line: CartLine) -> CartItem:
    item = CartItem(
        cart_id=cart.id,
        product_id=line.product_id,
        variant_id=line.variant_id,
        quantity=line.quantity,
        created_at=clock.now(),
    )
    db.session.add(item)
    return item


def _get(shopper: Shopper | None, item_id: int) -> CartItem:
    item = None
    if shopper is not None:
        statement = (
            select(CartItem).join(Cart, Cart.id == CartItem.cart_id).where(_own(shopper), CartItem.id == item_id)
        )
        item = db.session.scalars(statement.with_for_update()).first()
    if item is None:
        raise NotFound("There is no such item in the cart.", code="cart_item_not_found")
    return item


def _read(item_id: int) -> CartItem:
    statement = (
        select(CartItem)
        .where(CartItem.id == item_id)
        .options(joinedload(CartItem.product).options(*WITH_PARTS), joinedload(CartItem.variant))
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(statement).one()


def _price(line: CartLine) -> PricedLine:
    """Return the line with the catalogue's price. Raises InvalidInput naming the cart item's fields."""
    try:
        return price_lines([line])[0]
    except InvalidInput as wrong:
        first = wrong.errors[0]
        raise InvalidInput.of(first.field.removeprefix("items[0]."), first.message) from None


def _check(line: PricedLine, quantity: int) -> None:
    """Raise if a cart may not have this quantity of an article: the limit of an order, and the stock."""
    if quantity > MAX_QUANTITY:
        raise InvalidInput.of("quantity", "must be from 1 to %(limit)s", limit=f"{MAX_QUANTITY:,}")
    stock = (line.variant or line.product).stock_quantity
    if stock is not None and quantity > stock:
        if not stock:
            raise Conflict("%(name)s is sold out.", code="out_of_stock", name=line.name)
        raise Conflict("Only %(stock)s of %(name)s are left.", code="out_of_stock", stock=f"{stock:,}", name=line.name)


def _count(cart: Cart) -> int:
    return len(db.session.scalars(select(CartItem.id).where(CartItem.cart_id == cart.id)).all())


def _check_room(cart: Cart) -> None:
    if _count(cart) >= MAX_LINES:
        raise InvalidInput("A cart can have at most %(limit)s different products.", code="cart_full", limit=MAX_LINES)


def _remove(*which: ColumnElement[bool]) -> None:
    db.session.execute(delete(CartItem).where(*which).execution_options(synchronize_session="fetch"))
