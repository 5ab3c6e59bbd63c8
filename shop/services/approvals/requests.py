"""Requests for a second person's approval of a large change, and decisions about them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.db.upsert import insert_or_ignore
from shop.domain.customers.bulk import BulkKind
from shop.domain.statuses import ImportVerdict
from shop.models import ApprovalRequest, Import, StaffUser
from shop.services import audit_log, clock, outbox, rate_limits
from shop.services.actors import Actor
from shop.services.bulk.actions import find_bulk, release_bulk, start_bulk, stop_bulk
from shop.services.customers.records import get_customer
from shop.services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from shop.services.imports.held import apply_held, create_held, refuse_held
from shop.services.loyalty.adjustments import adjust_points
from shop.services.shops.second_person import APPROVAL_EXPIRES_AFTER, find_approvers, find_person
from shop.services.shops.settings import change_settings, get_settings
from shop.services.text_lengths import read_line

SHOWN: Final = 50
T = TypeVar("T")


def make_or_request(change: Callable[[], T], request: Callable[[], None]) -> T | None:
    """Make a change and return its result, or None if it is so large that its approval was requested instead."""
    with transaction():
        try:
            return change()
        except Conflict as refused:
            if refused.code != "approval_required":
                raise
        request()
    return None


def request_adjustment(
    customer_id: int, points: int, note: str, actor: Actor, *, request_key: str | None = None, tell: bool = False
) -> None:
    """Ask for an adjustment of a customer's points; once for a ``request_key``. Raise NotFound."""
    payload = {"points": points, "note": note, "tell": tell}
    _request("adjustment", payload, actor, request_key or secrets.token_hex(16), get_customer(customer_id).id)


def request_settings(new: Mapping[str, str], actor: Actor) -> None:
    """Request approval for a change of settings, given as normalised texts."""
    values = get_settings().values
    changed = {key: text for key, text in new.items() if values[key] != text}
    payload = {"old": {key: values[key] for key in changed}, "new": changed}
    _request("settings", payload, actor, secrets.token_hex(16), None)


def request_bulk(params: Mapping[str, Any], selection: Mapping[str, Any], total: int, actor: Actor) -> int:
    """Request approval for an adjustment of many customers, held until then; return the action's id."""
    with transaction():
        bulk_id = start_bulk(BulkKind.ADJUST, params, selection, total, actor, held=True)
        payload = {"bulk_id": bulk_id, "points": params["points"], "note": params["note"], "count": total}
        _request("bulk", payload, actor, f"bulk:{bulk_id}", None)
    return bulk_id


def request_import(found: Import) -> None:
    """Request approval for the held rows of an import, in the caller's transaction and its creator's name."""
    payload = {"import_id": found.id, "count": found.counts[ImportVerdict.HELD], "filename": found.filename}
    requester = Actor(found.actor_kind, found.actor_id, found.actor_label)  # type: ignore[arg-type]
    _request("import", payload, requester, f"import:{found.id}", None)


def request_rows(rows: Sequence[tuple[int, Mapping[str, str]]], actor: Actor) -> None:
    """Request approval for rows of customers, by their numbers, as one held import."""
    with transaction():
        request_import(create_held(rows, actor))


def _request(kind: str, payload: Mapping[str, object], actor: Actor, request_key: str, customer_id: int | None) -> None:
    if actor.kind not in ("staff", "api_key") or actor.id is None:
        raise NotAllowed("Only staff and API keys can ask for an approval.")
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
            requester_kind=actor.kind,
            requested_by=actor.id,
            person_id=find_person(actor),
            requester=actor.label,
            requested_at=now,
            expires_at=now + APPROVAL_EXPIRES_AFTER,
            reason="",
        )
        if is_new:
            bucket, limit = f"approval:{actor.kind}:{actor.id}", rate_limits.APPROVALS_PER_REQUESTER
            rate_limits.hit(bucket, limit, message="Too many changes were sent for approval. Try again later.")
            audit_log.record(actor, "approval.requested", f"customer:{customer_id}" if customer_id else kind)
            for user_id in find_approvers(actor):
                _tell("approval_requested", user_id)


def _tell(notice: str, user_id: int) -> None:
    email = db.session.scalars(select(StaffUser.email).where(StaffUser.id == user_id)).first()
    outbox.enqueue("staff_notice", {"notice": notice}, recipient=email)


def is_own(request: ApprovalRequest, actor: Actor) -> bool:
    """Return whether a member of staff, or an API key that they created, asked for a change."""
    return (actor.kind, actor.id) == ("staff", request.person_id)


def _requester(request: ApprovalRequest) -> Actor:
    return Actor("api_key" if request.requester_kind == "api_key" else "staff", request.requested_by, request.requester)


def decide(request_id: int, actor: Actor, *, approve: bool, reason: str = "") -> ApprovalRequest:
    """Approve a request, which makes the change in the requester's name, or refuse it.

    Raise NotFound, NotAllowed for one's own request (which one may withdraw: refuse) or that of an API key that one
    created, InvalidInput for a refusal of another person's without a reason, Conflict for one that was decided or has
    expired, and whatever the change itself raises.
    """
    reason = read_line("reason", reason, 200)
    with transaction():
        request = _lock(request_id)
        own = is_own(request, actor)
        if approve and own:
            raise NotAllowed("Someone else must approve your request.", code="own_request")
        if not approve and not own and not reason:
            raise InvalidInput.of("reason", "is required")
        if approve:
            _apply(request)
        else:
            _drop(request)
        request.state = "approved" if approve else "refused"
        request.decider, request.decided_at, request.reason = actor.label, clock.now(), reason
        subject = f"customer:{request.customer_id}" if request.customer_id else request.kind
        audit_log.record(actor, f"approval.{request.state}", subject, new=request.requester, reason=reason or None)
        if request.person_id is not None and not own:
            _tell(f"approval_{request.state}", request.person_id)
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


def _drop(request: ApprovalRequest) -> None:
    """End what was held for a request."""
    if request.kind == "import":
        refuse_held(request.payload["import_id"])
    elif request.kind == "bulk" and find_bulk(request.payload["bulk_id"]):
        stop_bulk(request.payload["bulk_id"], _requester(request))


def _apply(request: ApprovalRequest) -> None:
    payload, requester = request.payload, _requester(request)
    if request.kind == "bulk":
        release_bulk(payload["bulk_id"])
        return
    if request.kind == "import":
        apply_held(payload["import_id"])
        return
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
