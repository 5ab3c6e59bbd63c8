"""Merging customers (``docs/contract/api.md``, section 10)."""

from typing import Annotated, Self

from pydantic import Field

from shop.models import CustomerMerge
from shop.schemas.envelope import Envelope
from shop.schemas.types import Count, Id, Moment, Points, RequestModel, ResponseModel
from shop.services.merging.customers import UNDO_WITHIN, MergePreview


class CustomerMergeRequest(RequestModel):
    """The customer to merge into; with ``dry_run`` nothing is changed."""

    into: Id
    dry_run: Annotated[bool, Field(strict=True, examples=[False])] = False


class MergedRows(ResponseModel):
    """How many rows of a kind move."""

    kind: Annotated[str, Field(examples=["orders"])]
    count: Count


class MergeOut(ResponseModel):
    """The rows that moved, or would move with ``dry_run``; ``id`` is null then."""

    id: Annotated[int | None, Field(examples=[3])]
    customer_id: Annotated[int, Field(description="The merged customer, whose record was deleted.", examples=[42])]
    merged_into: Annotated[int, Field(examples=[7])]
    points: Points
    moves: list[MergedRows]
    fields: Annotated[
        dict[str, str], Field(description="Fields that were empty and are taken over.", examples=[{"phone": "+254…"}])
    ]
    undo_until: Annotated[Moment | None, Field(description="The merge can be undone until then.")]

    @classmethod
    def of(cls, preview: MergePreview, ids: tuple[int, int], merge: CustomerMerge | None = None) -> Self:
        """Return a merge of ``ids``, from and into, or its preview."""
        return cls(
            id=merge.id if merge else None,
            customer_id=ids[0],
            merged_into=ids[1],
            points=preview.points,
            moves=[MergedRows(kind=kind, count=count) for kind, count in preview.rows.items()],
            fields=preview.texts,
            undo_until=merge.created_at + UNDO_WITHIN if merge else None,
        )


class MergeData(ResponseModel):
    """A merge."""

    merge: MergeOut


class MergeResponse(Envelope):
    """A merge."""

    data: MergeData
