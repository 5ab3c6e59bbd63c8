"""The cookies by which a registered till is known, and the branch of one that is not registered."""

from flask import current_app, request
from werkzeug.wrappers import Response

from shop.domain.ids import find_id
from shop.services.till.devices import Device, check_device
from shop.services.till.sales import list_branch_names

COOKIE = "tuza_till"
BRANCH_COOKIE = "tuza_till_branch"
KEPT = 400 * 86_400


def sent_token() -> str | None:
    """Return the request's token of a till."""
    return request.cookies.get(COOKIE)


def current_device() -> Device | None:
    """Return the device of the request. Raise NotAllowed as `check_device`."""
    return check_device(sent_token())


def keep_token(response: Response, token: str) -> None:
    """Set the cookie of a registered till."""
    _keep(response, COOKIE, token)


def chosen_branch() -> int | None:
    """Return the branch that was chosen on a device that is not registered, if there is such a one."""
    branch_id = request.cookies.get(BRANCH_COOKIE, type=find_id)
    return branch_id if branch_id in list_branch_names() else None


def keep_branch(response: Response, branch_id: int) -> None:
    """Set the cookie of the chosen branch."""
    _keep(response, BRANCH_COOKIE, str(branch_id))


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=KEPT,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
    )
