"""API keys (``docs/contract/api.md``, section 7): for staff sessions, so that no key makes or changes another."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor, require_recent_password, require_session
from shop.schemas.api_keys import ApiKeyListResponse, ApiKeyResponse, KeyChange, NewKey
from shop.schemas.envelope import Message
from shop.services.staff.api_keys import (
    DEFAULT_LIFE,
    change_api_key,
    create_api_key,
    get_api_key,
    list_api_keys,
    regenerate_key,
    revoke_key,
)
from shop.web.json_api.endpoint import endpoint

TAG = "API keys"
KEY = "<id:key_id>"


@blueprint.get("/api-keys")
@endpoint(ApiKeyListResponse, tag=TAG, access="api_key", etag=True)
def api_key_list() -> ApiKeyListResponse:
    """List API keys

    For a staff session; an API key gets 403 `session_required`. Newest first, without secrets.
    """
    require_session()
    return ApiKeyListResponse.of(list_api_keys())


@blueprint.post("/api-keys")
@endpoint(ApiKeyResponse, tag=TAG, body=NewKey, status=201, access="api_key", idempotent=True)
def api_key_create(body: NewKey) -> ApiKeyResponse:
    """Create an API key

    For a staff session whose password was entered in the last ten minutes, else 403 `password_required`.
    `consumer_secret` is not shown again.
    """
    require_recent_password()
    made = create_api_key(
        body.name,
        may_read=body.permissions_json.read,
        may_write=body.permissions_json.write,
        rate_limit_per_minute=body.rate_limit_per_minute,
        life=None if "expires_at" in body.model_fields_set else DEFAULT_LIFE,
        expires_at=body.expires_at,
        actor=current_actor(),
    )
    return ApiKeyResponse.of(get_api_key(made.id), made)


@blueprint.get(f"/api-keys/{KEY}")
@endpoint(ApiKeyResponse, tag=TAG, errors=[404], access="api_key")
def api_key_show(key_id: int) -> ApiKeyResponse:
    """Get an API key

    Without its secret.
    """
    require_session()
    return ApiKeyResponse.of(get_api_key(key_id))


@blueprint.put(f"/api-keys/{KEY}")
@endpoint(ApiKeyResponse, tag=TAG, body=KeyChange, errors=[404], access="api_key")
def api_key_change(key_id: int, body: KeyChange) -> ApiKeyResponse:
    """Change an API key

    Effective from its next request. Needs the password as creating does.
    """
    require_recent_password()
    key = get_api_key(key_id)
    allowed = body.permissions_json
    change_api_key(
        key_id,
        name=body.name or key.name,
        rate_limit_per_minute=body.rate_limit_per_minute or key.rate_limit_per_minute,
        expires_at=body.expires_at if "expires_at" in body.model_fields_set else key.expires_at,
        may_read=allowed.read if allowed else key.may_read,
        may_write=allowed.write if allowed else key.may_write,
        actor=current_actor(),
    )
    return ApiKeyResponse.of(get_api_key(key_id))


@blueprint.delete(f"/api-keys/{KEY}")
@endpoint(Message, tag=TAG, errors=[404], access="api_key")
def api_key_delete(key_id: int) -> Message:
    """Delete an API key

    Effective at once. Needs the password as creating does.
    """
    require_recent_password()
    revoke_key(key_id, current_actor())
    return Message(message=gettext("API key deleted"))


@blueprint.post(f"/api-keys/{KEY}/regenerate")
@endpoint(ApiKeyResponse, tag=TAG, errors=[404], access="api_key")
def api_key_regenerate(key_id: int) -> ApiKeyResponse:
    """Replace the secret of an API key

    The old one is void at once; `consumer_secret` is not shown again. An expired key is valid for another year. Needs
    the password as creating does.
    """
    require_recent_password()
    return ApiKeyResponse.of(get_api_key(key_id), regenerate_key(key_id, current_actor()))
