"""Settings (``docs/contract/api.md``, section 3)."""

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.envelope import Problem
from shop.schemas.settings import SettingData, SettingListResponse, SettingOut, SettingResponse, SettingValue
from shop.services.approvals.requests import make_or_request, request_settings
from shop.services.shops.settings import change_setting, clean_settings, get_settings
from shop.web.json_api.approval import approval_requested
from shop.web.json_api.endpoint import endpoint


@blueprint.get("/settings")
@endpoint(SettingListResponse, tag="Settings", access="api_key", etag=True)
def setting_list() -> SettingListResponse:
    """List settings

    The shop's values, else the defaults; every value is text.
    """
    return SettingListResponse.of(get_settings().values)


@blueprint.put("/settings/shop/<string:key>")
@endpoint(SettingResponse, tag="Settings", body=SettingValue, errors=[404, 409], access="api_key")
def setting_set(key: str, body: SettingValue) -> SettingResponse | tuple[Problem, int]:
    """Change a setting

    Booleans and numbers may be sent as such or as text. Every change is recorded in the audit log. Some settings are
    the owners' alone (403 `owner_only`). If a change is so large that the shop wants a second person to approve it,
    nothing is changed, their approval is requested, and the response is 409 `approval_required`.
    """
    actor = current_actor()
    value = make_or_request(
        lambda: change_setting(key, body.value, actor),
        lambda: request_settings(clean_settings({key: body.value}), actor),
    )
    if value is None:
        return approval_requested()
    return SettingResponse(data=SettingData(setting=SettingOut(key=key, value=value)))
