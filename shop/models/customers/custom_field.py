"""Fields of customers that a shop defines."""

from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.domain.customers.custom_fields import CustomFieldType
from shop.models.base import Base, Code, IntPk, Name, ShopOwned, one_of


class CustomField(ShopOwned, Base):
    """A field of customers that a shop defines; its values are in ``customers.custom_fields`` by ``key``."""

    __tablename__ = "custom_fields"
    __table_args__ = (UniqueConstraint("shop_id", "key"), one_of("type", CustomFieldType))

    id: Mapped[IntPk]
    key: Mapped[Code]
    name: Mapped[Name]
    type: Mapped[Code]
    choices: Mapped[list[Any]] = mapped_column(default=list)
    """Of a field of type ``choice``: the texts to choose from."""
    on_form: Mapped[bool] = mapped_column(default=True)
    in_list: Mapped[bool] = mapped_column(default=False)
    in_export: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
