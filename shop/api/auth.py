"""Authentication of the admin API: an API key or a staff session (``docs/contract/api.md``, Who may call)."""

from flask import g, request
from flask_login import current_user
from flask_wtf.csrf import validate_csrf
from wtforms import ValidationError

from shop.api import blueprint
from shop.api.permissions import PERSONAL_LISTS, permission_of
from shop.db.tenant import use_shop
from shop.services.actors import Actor
from shop.services.errors import NotAllowed, NotSignedIn
from shop.services.list_reads import record_read
from shop.services.rate_limits import STAFF_API_REQUESTS, api_requests_per_key
from shop.services.staff.api_keys import authenticate_key
from shop.web import replica_routing
from shop.web.http.rate_limit import enforce_limit

READS = {"GET", "HEAD", "OPTIONS"}


@blueprint.before_request
def authenticate() -> None:
    """Authenticate and authorize the caller, and set the tenant of the database session."""
    if request.authorization is not None:
        _authenticate_key()
    elif current_user.is_authenticated:
        _authenticate_session()
    else:
        raise NotSignedIn("An API key is needed: HTTP Basic with ck_… and cs_….", code="api_key_required")
    _record_list_read()
    replica_routing.route_reads()


def _record_list_read() -> None:
    """Write to the audit log that the caller read a personal list, once an hour for each caller and list."""
    subject = PERSONAL_LISTS.get(_view())
    if subject is not None and request.method in READS:
        record_read(current_actor(), f"list:{subject}")


def _view() -> str:
    return (request.endpoint or "").rpartition(".")[2]


def _authenticate_key() -> None:
    given = request.authorization
    if given is None or given.type != "basic" or not given.username or not given.password:
        raise NotSignedIn("An API key is needed: HTTP Basic with ck_… and cs_….", code="api_key_required")
    if "\0" in given.username or not given.username.isascii():
        raise NotSignedIn("The API key or its secret is wrong.", code="invalid_api_key")
    holder = authenticate_key(given.username, given.password)
    g.caller = f"key:{holder.key_id}"
    g.shop_id = holder.shop_id
    g.actor = holder.actor
    enforce_limit(api_requests_per_key(holder.rate_limit_per_minute), "api-key", str(holder.key_id))
    if request.method in READS and not holder.may_read:
        raise NotAllowed("This API key may write, but not read.", code="read_not_allowed")
    if request.method not in READS and not holder.may_write:
        raise NotAllowed("This API key may read, but not write.", code="write_not_allowed")
    use_shop(holder.shop_id, settings_mark=holder.settings_mark)


def _authenticate_session() -> None:
    member = current_user.member
    if current_user.session.setup_required:
        raise NotAllowed("Set up a second factor on the staff pages first.", code="second_factor_required")
    g.caller = f"staff:{member.user_id}"
    g.shop_id = member.shop_id
    g.actor = member.actor
    enforce_limit(STAFF_API_REQUESTS, "staff-api", str(member.user_id))
    if request.method not in READS:
        try:
            validate_csrf(request.headers.get("X-CSRFToken"))
        except ValidationError:
            raise NotAllowed("The session's CSRF token is missing.", code="csrf") from None
    require_permission(permission_of(_view()))
    use_shop(member.shop_id)


def require_permission(permission: str) -> None:
    """Raise NotAllowed if the caller is a member of staff whose role lacks a permission; API keys have no role."""
    if g.actor.kind == "staff" and not current_user.member.may(permission):
        raise NotAllowed("Your role doesn’t allow this. Ask the shop’s owner.", code="role")


def require_session() -> None:
    """Raise NotAllowed unless a member of staff is signed in."""
    if g.actor.kind != "staff":
        raise NotAllowed("Only a signed-in member of staff may do this, not an API key.", code="session_required")


def require_recent_password() -> None:
    """Raise NotAllowed unless a member of staff is signed in who entered the password in the last ten minutes."""
    require_session()
    if not current_user.confirmed_recently:
        raise NotAllowed("Enter your password on the staff pages first, then try again.", code="password_required")


def current_actor() -> Actor:
    """Return who is calling, for the audit log."""
    actor: Actor = g.actor
    return actor
