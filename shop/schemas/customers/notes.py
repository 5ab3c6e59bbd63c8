"""Notes on customers."""

from typing import Annotated, Self

from pydantic import Field

from shop.models import CustomerNote
from shop.schemas.envelope import Envelope
from shop.schemas.types import (
    LongText,
    Moment,
    RequestModel,
    ResponseModel,
)


class NewCustomerNote(RequestModel):
    """A note to add to a customer."""

    content: Annotated[LongText, Field(min_length=1, examples=["Prefers delivery after five."])]


class CustomerNoteOut(ResponseModel):
    """A note about a customer."""

    id: Annotated[int, Field(examples=[7])]
    customer_id: Annotated[int, Field(examples=[42])]
    author_id: Annotated[int | None, Field(examples=[3])]
    author: Annotated[str, Field(examples=["Njeri Kamau"])]
    content: Annotated[str, Field(examples=["Prefers delivery after five."])]
    created_at: Moment

    @classmethod
    def of(cls, note: CustomerNote) -> Self:
        """Return a note."""
        return cls(
            id=note.id,
            customer_id=note.customer_id,
            author_id=note.author_id,
            author=note.author_label,
            content=note.content,
            created_at=note.created_at,
        )


class CustomerNoteData(ResponseModel):
    """A note."""

    note: CustomerNoteOut


class CustomerNoteResponse(Envelope):
    """A note."""

    data: CustomerNoteData
