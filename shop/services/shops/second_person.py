"""Settings that only owners may change, and changes that a second person must approve."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from shop.db.session import db
from shop.domain.loyalty.rules_change import cost_change_percent
from shop.domain.settings import SETTINGS, rules_from_settings
from shop.domain.statuses import Role
from shop.models import AuditEntry, Membership
from shop.services.actors import Actor
from shop.services.errors import Conflict, FieldError, NotAllowed

APPROVAL_EXPIRES_AFTER: Final = timedelta(days=7)


def check_owner(keys: set[str], actor: Actor) -> None:
    """Raise NotAllowed if one of the settings is for owners only and the actor is no owner of the shop."""
    owned = [key for key in sorted(keys) if SETTINGS[key].owners_only]
    if actor.kind == "system" or not owned:
        return
    role = select(Membership.role).where(Membership.staff_user_id == actor.id)
    if actor.kind != "staff" or db.session.scalars(role).first() != Role.OWNER:
        errors = [FieldError(key, "can be changed by owners only") for key in owned]
        raise NotAllowed("Only an owner of the shop can change this setting.", code="owner_only", errors=errors)


def find_person(actor: Actor) -> int | None:
    """Return the id of the member of staff who acts, or who got the secret of the acting API key; None for others."""
    if actor.kind != "api_key":
        return actor.id if actor.kind == "staff" else None
    seen = select(AuditEntry.actor_id).where(
        AuditEntry.subject == f"api_key:{actor.id}",
        AuditEntry.action.in_(("api_key.created", "api_key.regenerated")),
        AuditEntry.actor_kind == "staff",
    )
    return db.session.scalars(seen.order_by(AuditEntry.id.desc())).first()


def find_approvers(actor: Actor) -> list[int]:
    """Return the ids of the other people who can approve what an actor asks for, or what their API key does."""
    members = db.session.scalars(select(Membership).options(joinedload(Membership.own_role)).order_by(Membership.id))
    person = find_person(actor)
    others = (one for one in members if one.staff_user_id != person)
    return [one.staff_user_id for one in others if "approvals.decide" in one.permissions]


def require_approval(values: Mapping[str, str], actor: Actor) -> None:
    """Raise Conflict ``approval_required`` if the shop requires a second person for a large change.

    A shop without a second manager or owner has no approver, and changes go through. The system needs no approval.
    """
    if values["approval_required"] == "true" and actor.kind != "system" and find_approvers(actor):
        raise Conflict(
            "Nothing was changed: a change this large needs the approval of a second manager or owner. Ask for it on "
            "the staff pages.",
            code="approval_required",
        )


def is_large_adjustment(points: int, values: Mapping[str, str]) -> bool:
    """Return whether an adjustment is above the shop's ``confirm_points_above``; 0 is no limit."""
    limit = int(values["confirm_points_above"])
    return 0 < limit < abs(points)


def is_large_change(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Return whether settings change the currency, weaken approval, or change the programme's cost by a large share.

    Both are complete settings, before and after.
    """
    limit = int(old["confirm_rules_percent"])
    return (
        old["currency"] != new["currency"]
        or (old["approval_required"], new["approval_required"]) == ("true", "false")
        or any(_is_raised(old[key], new[key]) for key in ("confirm_points_above", "confirm_rules_percent"))
        or 0 < limit < cost_change_percent(rules_from_settings(old), rules_from_settings(new))
    )


def _is_raised(old: str, new: str) -> bool:
    return old != new and old != "0" and (new == "0" or int(new) > int(old))
