"""Changes of many products at once."""

from sqlalchemy import Index

from shop.domain.catalogue.bulk import ProductBulkKind
from shop.domain.customers.bulk import BulkState
from shop.models.base import Base, ShopOwned, one_of
from shop.models.bulk import BulkColumns


class ProductBulkAction(ShopOwned, BulkColumns, Base):
    """A change of the prices or the stock of all products of a selection."""

    __tablename__ = "product_bulk_actions"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "shop_id", "id"),
        one_of("kind", ProductBulkKind),
        one_of("state", BulkState),
    )
