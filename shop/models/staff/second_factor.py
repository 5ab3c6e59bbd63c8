"""The second factors of staff: authenticator apps, recovery codes and passkeys."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigId, BigInt, Code, IntPk, LongText, Name


class StaffTotp(Base):
    """The encrypted secret of a person's authenticator app. Active once a code of it was entered."""

    __tablename__ = "staff_totps"
    __table_args__ = (UniqueConstraint("staff_user_id"),)

    id: Mapped[IntPk]
    staff_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_users.id"))
    secret: Mapped[LongText]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[BigInt] = mapped_column(default=0)
    """The time step of the last accepted code: no code is accepted twice."""
    created_at: Mapped[datetime]


class StaffRecoveryCode(Base):
    """A recovery code, used once, stored as a hash."""

    __tablename__ = "staff_recovery_codes"
    __table_args__ = (UniqueConstraint("code_hash"),)

    id: Mapped[IntPk]
    staff_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_users.id"), index=True)
    code_hash: Mapped[Code]
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class StaffPasskey(Base):
    """The public part of a passkey (WebAuthn credential); ``host`` is the relying party id it belongs to."""

    __tablename__ = "staff_passkeys"
    __table_args__ = (UniqueConstraint("credential_id"),)

    id: Mapped[IntPk]
    staff_user_id: Mapped[int] = mapped_column(BigId, ForeignKey("staff_users.id"), index=True)
    host: Mapped[Name]
    credential_id: Mapped[LongText]
    public_key: Mapped[LongText]
    sign_count: Mapped[BigInt]
    name: Mapped[Name]
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
