"""Registered tills: each has a name and a branch, and can be revoked."""

from collections.abc import Sequence

from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.codes import hash_secret, new_token
from shop.models import TillDevice
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import Conflict, InvalidInput, NotAllowed, NotFound
from shop.services.shops.settings import get_settings
from shop.services.text_lengths import read_line
from shop.services.till.sales import list_branch_names

Device = TillDevice
"""A registered till."""
LONGEST_NAME = 60


def save_device(token: str | None, name: str, branch_id: int, actor: Actor) -> str:
    """Register a device, or change the name and branch of the one that has the ``token``; return its token.

    Raise InvalidInput, Conflict ``device_name_taken``.
    """
    name = read_line("name", name, LONGEST_NAME)
    if not name:
        raise InvalidInput.of("name", "must have 1 to %(limit)s characters", limit=LONGEST_NAME)
    if branch_id not in list_branch_names():
        raise InvalidInput.of("branch_id", "is not a branch of this shop")
    with transaction() as session:
        device = _find(token)
        taken = select(TillDevice.id).where(
            func.lower(TillDevice.name) == name.lower(), TillDevice.revoked_at.is_(None)
        )
        if session.scalars(taken.where(TillDevice.id != (device.id if device else 0))).first() is not None:
            raise Conflict("Another till has this name.", code="device_name_taken")
        if device is None or token is None:
            token = new_token()
            device = TillDevice(
                token_hash=hash_secret(token), registered_by=actor.label, registered_at=clock.now(), name=name
            )
            session.add(device)
        device.name, device.branch_id = name, branch_id
        session.flush()
        audit_log.record(actor, "till.device_registered", f"till_device:{device.id}", new=name)
        return token


def check_device(token: str | None) -> TillDevice | None:
    """Return the device that has a token; None for one that is not registered.

    Raise NotAllowed for a revoked one, and for an unregistered one if the shop allows registered ones alone.
    """
    device = _find(token, also_revoked=True)
    if device is not None and device.revoked_at is not None:
        raise NotAllowed("This till was revoked. Ask a manager to register it again.", code="device_revoked")
    if device is None and get_settings().values["till_devices_only"] == "true":
        raise NotAllowed("This device is not registered as a till. Ask a manager.", code="device_not_registered")
    return device


def find_device(token: str | None) -> TillDevice | None:
    """Return the device that has a token, unless it was revoked."""
    return _find(token)


def list_devices() -> Sequence[TillDevice]:
    """Return the shop's registered devices by name."""
    row = TillDevice
    return db.session.scalars(select(row).where(row.revoked_at.is_(None)).order_by(row.name, row.id)).all()


def revoke_device(device_id: int, actor: Actor) -> None:
    """Revoke a device: it can no longer be used as a till. Raise NotFound."""
    with transaction() as session:
        found = select(TillDevice).where(TillDevice.id == device_id).with_for_update()
        device = session.scalars(found).first()
        if device is None:
            raise NotFound("There is no such till.", code="device_not_found")
        if device.revoked_at is None:
            device.revoked_at = clock.now()
            audit_log.record(actor, "till.device_revoked", f"till_device:{device_id}", old=device.name)
            session.flush()


def _find(token: str | None, *, also_revoked: bool = False) -> TillDevice | None:
    if not token:
        return None
    device = db.session.scalars(select(TillDevice).where(TillDevice.token_hash == hash_secret(token))).first()
    return device if device is None or also_revoked or device.revoked_at is None else None
