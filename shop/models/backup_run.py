"""Backups of the installation, requested by staff or made by a command."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from shop.models.base import Base, BigInt, Code, IntPk, LongText, Name, never_negative, one_of

BACKUP_STATES = ("queued", "writing", "verifying", "done", "failed")


class BackupRun(Base):
    """One backup of the whole installation: who requested it, its state, and the file. It belongs to no shop."""

    __tablename__ = "backup_runs"
    __table_args__ = (one_of("state", BACKUP_STATES), Index(None, "state"), *never_negative("size_bytes"))

    id: Mapped[IntPk]
    state: Mapped[Code]
    requested_by: Mapped[Name]
    """The label of a member of staff, or the command."""
    requested_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    verified_at: Mapped[datetime | None]
    file: Mapped[Name] = mapped_column(default="")
    size_bytes: Mapped[BigInt] = mapped_column(default=0)
    error: Mapped[LongText] = mapped_column(default="")
