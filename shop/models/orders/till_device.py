"""Devices that staff use as a till."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, Code, IntPk, Name, ShopOwned, in_shop


class TillDevice(ShopOwned, Base):
    """A registered till: a browser that has the secret whose hash is ``token_hash`` in a cookie."""

    __tablename__ = "till_devices"
    __table_args__ = (in_shop("branches", "branch_id"), UniqueConstraint("token_hash"))

    id: Mapped[IntPk]
    name: Mapped[Name]
    branch_id: Mapped[int] = mapped_column(BigId)
    token_hash: Mapped[Code]
    registered_by: Mapped[Name]
    registered_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
