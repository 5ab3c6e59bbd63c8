"""Ledger entries in the admin API (``docs/contract/api.md``, sections 2 and 4)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from shop.domain.statuses import EntryKind
from shop.models import LoyaltyEntry
from shop.queries.loyalty.reports import ListedEntry
from shop.schemas.envelope import Envelope
from shop.schemas.orders.parts import OrderCustomer
from shop.schemas.times import DayOrMomentIn
from shop.schemas.types import (
    Count,
    Moment,
    OffsetQuery,
    Points,
    ResponseModel,
)

EntryType = Literal["earn", "redeem", "adjust"]


class EntryOut(ResponseModel):
    """A ledger entry; ``points`` is signed."""

    id: Annotated[int, Field(examples=[1])]
    type: EntryType
    points: Annotated[Points, Field(examples=[50])]
    order_id: Annotated[int | None, Field(examples=[101])]
    note: Annotated[str, Field(examples=["Earned on order ORD-260115-7KQ4F"])]
    reason: Annotated[str, Field(examples=["order_earned"])]
    balance_after: Points
    expires_at: Annotated[Moment | None, Field(examples=[None])]
    created_at: Moment

    @classmethod
    def of(cls, entry: LoyaltyEntry) -> Self:
        """Return an entry."""
        return cls(**entry_fields(entry))


def entry_fields(entry: LoyaltyEntry | ListedEntry) -> dict[str, Any]:
    """Return the fields common to all views of an entry."""
    return {
        "id": entry.id,
        "type": EntryKind(entry.kind).type,
        "points": entry.points,
        "order_id": entry.order_id,
        "note": entry.note,
        "reason": entry.kind,
        "balance_after": entry.balance_after,
        "expires_at": entry.expires_at,
        "created_at": entry.created_at,
    }


class ShopEntryOut(EntryOut):
    """An entry of the shop's ledger with its customer; null for a deleted customer."""

    customer: OrderCustomer | None

    @classmethod
    def of(cls, entry: LoyaltyEntry) -> Self:
        """Return an entry, with account and customer loaded."""
        customer = entry.account.customer
        return cls(**entry_fields(entry), customer=OrderCustomer.of(customer) if customer else None)


class LedgerQuery(OffsetQuery):
    """Filter and page of the shop's ledger."""

    customer_id: Annotated[int | None, Field(ge=1, le=2**63 - 1)] = None
    type: EntryType | None = None
    since: Annotated[
        DayOrMomentIn | None,
        Field(alias="from", description="Entries at or after this time, or from this day (the shop's) on."),
    ] = None
    until: Annotated[
        DayOrMomentIn | None,
        Field(alias="to", description="Entries before this time, or up to and including this day."),
    ] = None
    sort: Annotated[
        str,
        Field(pattern="^-?created_at$", description="created_at, or -created_at for the newest first."),
    ] = "-created_at"


class LedgerData(ResponseModel):
    """Entries of the shop's ledger, newest first."""

    entries: list[ShopEntryOut]
    total: Count
    limit: Annotated[int, Field(examples=[50])]
    offset: Annotated[int, Field(examples=[0])]


class LedgerResponse(Envelope):
    """Entries of the shop's ledger, newest first."""

    data: LedgerData
