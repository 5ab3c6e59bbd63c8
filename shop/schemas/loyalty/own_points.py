"""A shopper's own points, read with a redemption token."""

from typing import Annotated, Self, cast

from pydantic import Field

from shop.domain.ids import MAX_ID
from shop.domain.statuses import EntryKind
from shop.queries.loyalty.self_service import OwnEntry, OwnHistory, OwnPoints
from shop.schemas.envelope import Envelope
from shop.schemas.loyalty.entries import EntryType
from shop.schemas.types import Moment, MoneyNumber, Points, RequestModel, ResponseModel


class OwnPointsData(ResponseModel):
    """The token holder's points, and the discount they are worth on an order large enough."""

    points_balance: Annotated[Points, Field(examples=[1480])]
    worth: Annotated[MoneyNumber, Field(examples=[14.8])]
    lifetime_earned: Annotated[Points, Field(examples=[8380])]
    token_expires_at: Moment


class OwnPointsResponse(Envelope):
    """The token holder's points."""

    data: OwnPointsData

    @classmethod
    def of(cls, own: OwnPoints) -> Self:
        """Return the response for a customer's points."""
        return cls(
            data=OwnPointsData(
                points_balance=own.balance,
                worth=own.worth_cents,
                lifetime_earned=own.lifetime_earned,
                token_expires_at=own.token_expires_at,
            )
        )


class OwnHistoryQuery(RequestModel):
    """Page of the token holder's ledger entries."""

    limit: Annotated[int, Field(ge=1, le=100, description="Maximum number of entries.")] = 20
    before: Annotated[
        int | None,
        Field(ge=1, le=MAX_ID, description="Only entries before this number: `older` of the previous response."),
    ] = None


class OwnEntryOut(ResponseModel):
    """A ledger entry as its customer sees it; ``points`` is signed."""

    number: Annotated[int, Field(description="1, 2, 3 … within the account.", examples=[12])]
    type: EntryType
    reason: Annotated[str, Field(examples=["order_earned"])]
    points: Annotated[Points, Field(examples=[50])]
    balance_after: Annotated[Points, Field(examples=[1480])]
    order_number: Annotated[str | None, Field(examples=["ORD-260115-7KQ4F"])]
    note: Annotated[str, Field(examples=["Earned on order ORD-260115-7KQ4F"])]
    created_at: Moment
    expires_at: Annotated[Moment | None, Field(examples=[None])]

    @classmethod
    def of(cls, entry: OwnEntry) -> Self:
        """Return an entry."""
        same = cls.model_fields.keys() - {"type", "reason"}
        kept = {name: getattr(entry, name) for name in same}
        return cls(type=cast(EntryType, EntryKind(entry.kind).type), reason=entry.kind, **kept)


class OwnHistoryData(ResponseModel):
    """Entries, newest first; ``older`` is the ``before`` of the next page, null on the last."""

    entries: list[OwnEntryOut]
    older: Annotated[int | None, Field(examples=[None])]


class OwnHistoryResponse(Envelope):
    """A page of the customer's ledger entries."""

    data: OwnHistoryData

    @classmethod
    def of(cls, history: OwnHistory) -> Self:
        """Return the response for a page."""
        entries = [OwnEntryOut.of(entry) for entry in history.entries]
        return cls(data=OwnHistoryData(entries=entries, older=history.older))
