"""Requests of shoppers about their personal data (``docs/contract/api.md``, section 6)."""

from typing import Annotated, Self

from pydantic import Field

from shop.domain.customers.privacy import PrivacyRequestKind, PrivacyRequestState
from shop.models import PrivacyRequest
from shop.schemas.envelope import Envelope
from shop.schemas.types import LongText, Moment, RequestModel, ResponseModel


class NewPrivacyRequest(RequestModel):
    """A shopper's request: ``access``, ``correction``, ``erasure``, ``portability`` or ``objection``."""

    kind: Annotated[PrivacyRequestKind, Field(examples=["access"])]
    note: Annotated[LongText, Field(examples=["Please send everything to my e-mail."])] = ""


class PrivacyRequestOut(ResponseModel):
    """A request and by when the shop answers it. ``handled_at`` is null while it is open."""

    id: Annotated[int, Field(examples=[7])]
    kind: PrivacyRequestKind
    state: PrivacyRequestState
    note: Annotated[str, Field(examples=["Please send everything to my e-mail."])]
    received_at: Moment
    due_at: Moment
    handled_at: Moment | None
    outcome: Annotated[str, Field(examples=["Sent by e-mail."])]

    @classmethod
    def of(cls, request: PrivacyRequest) -> Self:
        """Return a request as its sender sees it."""
        return cls(
            id=request.id,
            kind=PrivacyRequestKind(request.kind),
            state=PrivacyRequestState(request.state),
            note=request.note,
            received_at=request.received_at,
            due_at=request.due_at,
            handled_at=request.handled_at,
            outcome=request.outcome,
        )


class PrivacyRequestData(ResponseModel):
    """A request."""

    request: PrivacyRequestOut


class PrivacyRequestResponse(Envelope):
    """A request about personal data."""

    data: PrivacyRequestData


class PrivacyRequestListData(ResponseModel):
    """Requests, newest first."""

    requests: list[PrivacyRequestOut]


class PrivacyRequestListResponse(Envelope):
    """A shopper's requests about personal data."""

    data: PrivacyRequestListData
