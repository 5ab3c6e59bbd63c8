"""Requests for a second person's approval of a large change, and decisions about them."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.text.cleaning import clean_line
from shop.models import ApprovalRequest, StaffUser
from shop.services import audit_log, clock, outbox
from shop.services.actors import Actor
from shop.services.customers.records import get_customer
from shop.services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from shop.services.loyalty.adjustments import adjust_points
from shop.services.shops.second_person import find_approvers
from shop.services.shops.settings import change_settings, get_settings

EXPIRES_AFTER: Final = timedelta(days=7)
SHOWN: Final = 50


def request_adjustment(
    customer_id: int, points: int, note: str, actor: Actor, *, request_key: str, tell: bool = False
) -> None:
    """Request approval for an adjustment of a customer's points. Raise NotFound."""
    payload = {"points": points, "note": note, "tell": tell}
    _request("adjustment", payload, actor, request_key, get_customer(customer_id).id)


def request_settings(new: Mapping[str, str], actor: Actor) -> None:
    """Request approval for a change of settings, given as normalised texts."""
    values = get_settings().values
    changed = {key: text for key, text in new.items() if values[key] != text}
    payload = {"old": {key: values[key] for key in changed}, "new": changed}
    _request("settings", payload, actor, secrets.token_hex(16), None)


def _request(kind: str, payload: Mapping[str, object], actor: Actor, request_key: str, customer_id: int | None) -> None:
    if actor.kind != "staff" or actor.id is None:
        raise NotAllowed("Only staff can ask for an approval.")
    now = clock.now()
    with transaction():
        is_new = insert_or_ignore(
            ApprovalRequest,
            [ApprovalRequest.request_key],
            kind=kind,
            customer_id=customer_id,
            request_key=request_key,
            payload=payload,
            state="pending",
            requested_by=actor.id,
            requester=actor.label,
            requested_at=now,
            expires_at=now + EXPIRES_AFTER,
            reason="",
        )
        if is_new:
            audit_log.record(actor, "approval.requested", f"customer:{customer_id}" if customer_id else kind)
            for user_id in find_approvers(actor):
                _tell("approval_requested", user_id)


def _tell(notice: str, user_id: int) -> None:
    email = db.session.scalars(select(StaffUser.email).where(StaffUser.id == user_id)).first()
    outbox.enqueue("staff_notice", {"notice": notice}, recipient=email)


def decide(request_id: int, actor: Actor, *, approve: bool, reason: str = "") -> ApprovalRequest:
    """Approve a request, which makes the change in the requester's name, or refuse it.

    Raise NotFound; NotAllowed for approving one's own request (refusing it withdraws it); InvalidInput for refusing
    another person's without a reason; Conflict if it was decided or has expired; and the errors of the change itself.
    """
    reason = clean_line(reason)[:200]
    with transaction():
        request = _lock(request_id)
        is_own = (actor.kind, actor.id) == ("staff", request.requested_by)
        if approve and is_own:
            raise NotAllowed("Someone else must approve your request.", code="own_request")
        if not approve and not is_own and not reason:
            raise InvalidInput.of("reason", "is required")
        if approve:
            _apply(request)
        request.state = "approved" if approve else "refused"
        request.decider, request.decided_at, request.reason = actor.label, clock.now(), reason
        subject = f"customer:{request.customer_id}" if request.customer_id else request.kind
        audit_log.record(actor, f"approval.{request.state}", subject, new=request.requester, reason=reason or None)
        if not is_own:
            _tell(f"approval_{request.state}", request.requested_by)
        db.session.flush()
    return request


def _lock(request_id: int) -> ApprovalRequest:
    found = select(ApprovalRequest).where(ApprovalRequest.id == request_id).with_for_update()
    request = db.session.scalars(found.execution_options(populate_existing=True)).first()
    if request is None:
        raise NotFound("There is no such request.")
    if request.state != "pending":
        raise Conflict("This request has already been decided.", code="request_decided")
    if request.expires_at <= clock.now():
        raise Conflict("This request has expired. Ask for it again.", code="request_expired")
    return request


def _apply(request: ApprovalRequest) -> None:
    payload, requester = request.payload, Actor("staff", request.requested_by, request.requester)
    if request.kind == "settings":
        change_settings(payload["new"], requester, seen=payload["old"], approved=True)
        return
    if request.customer_id is None:
        raise NotFound("There is no such customer.", code="customer_not_found")
    adjust_points(
        request.customer_id,
        payload["points"],
        payload["note"],
        requester,
        request_key=request.request_key,
        tell=payload["tell"],
        approved=True,
    )


def list_requests() -> list[ApprovalRequest]:
    """Return the newest requests, pending ones first."""
    row = ApprovalRequest
    is_open = (row.state == "pending") & (row.expires_at > clock.now())
    return list(db.session.scalars(select(row).order_by(is_open.desc(), row.id.desc()).limit(SHOWN)))


def count_pending() -> int:
    """Return how many of the newest requests are pending."""
    now = clock.now()
    return sum(1 for request in list_requests() if request.state == "pending" and request.expires_at > now)
