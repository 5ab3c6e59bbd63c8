"""Categories of products: a tree."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Category, ProductCategory
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.catalogue.products.fields import chosen_slug, free_slug
from shop.services.errors import InvalidInput, NotFound

MAX_DEPTH = 10


def list_categories() -> Sequence[Category]:
    """Return all categories of the shop: parents before their children, each level by position, then name."""
    rows = db.session.scalars(select(Category).order_by(Category.position, Category.name, Category.id)).all()
    children: dict[int | None, list[Category]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)

    def below(parent: int | None) -> list[Category]:
        return [one for row in children.get(parent, []) for one in (row, *below(row.id))]

    return below(None)


def get_category(category_id: int) -> Category:
    """Return a category. Raises NotFound."""
    category = db.session.scalars(select(Category).where(Category.id == category_id)).first()
    if category is None:
        raise NotFound("There is no such category.", code="category_not_found")
    return category


def save_category(category_id: int | None, fields: dict[str, Any], actor: Actor) -> Category:
    """Add a category, or change the given fields of one; ``fields`` are columns of the table.

    Raises NotFound; InvalidInput without a name, for an unknown parent, and for one below the category itself; Conflict
    ``slug_taken``.
    """
    with transaction() as session:
        now = clock.now()
        category = (
            get_category(category_id) if category_id else Category(created_at=now, name="", slug="", parent_id=None)
        )
        for name in ("name", "position"):
            if name in fields:
                setattr(category, name, fields[name])
        if not category.name:
            raise InvalidInput.of("name", "is required")
        if "parent_id" in fields:
            _check_parent(category.id, fields["parent_id"])
            category.parent_id = fields["parent_id"]
        if fields.get("slug"):
            category.slug = chosen_slug(Category, fields["slug"], category.id)
        elif not category.slug:
            category.slug = free_slug(Category, category.name)
        if fields:
            category.updated_at = now
        session.add(category)
        session.flush()
        action = "category.changed" if category_id else "category.created"
        audit_log.record(actor, action, f"category:{category.id}", new=category.name)
    return category


def _check_parent(category_id: int | None, parent_id: int | None) -> None:
    parents = {row.id: row.parent_id for row in db.session.execute(select(Category.id, Category.parent_id))}
    depth = 0
    above = parent_id
    while above is not None:
        if above not in parents:
            raise InvalidInput.of("parent_id", "is not a category of this shop")
        depth += 1
        if above == category_id:
            raise InvalidInput.of("parent_id", "must not be the category itself or one below it")
        if depth >= MAX_DEPTH:
            raise InvalidInput.of("parent_id", "is nested too deeply: at most %(limit)s levels", limit=MAX_DEPTH)
        above = parents[above]


def delete_category(category_id: int, actor: Actor) -> None:
    """Delete a category; its products stay, and the categories below it move up to its parent. Raises NotFound."""
    with transaction() as session:
        category = get_category(category_id)
        for child in session.scalars(select(Category).where(Category.parent_id == category_id)):
            child.parent_id = category.parent_id
        session.flush()
        session.execute(delete(ProductCategory).where(ProductCategory.category_id == category_id))
        session.delete(category)
        audit_log.record(actor, "category.deleted", f"category:{category_id}", old=category.name)


def with_descendants(*category_ids: int) -> list[int]:
    """Return the ids of categories and of all below them; themselves alone if they do not exist."""
    children: dict[int | None, list[int]] = {}
    for row_id, parent_id in db.session.execute(select(Category.id, Category.parent_id)):
        children.setdefault(parent_id, []).append(row_id)
    found = list(category_ids)
    for one in found:
        found += children.get(one, [])
    return found
