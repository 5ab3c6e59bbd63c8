"""Settings (``docs/contract/api.md``, section 3)."""

from shop.api import blueprint
from shop.api.auth import current_actor
from shop.schemas.settings import SettingData, SettingListResponse, SettingOut, SettingResponse, SettingValue
from shop.services.shops.settings import change_setting, get_settings
from shop.web.json_api.endpoint import endpoint


@blueprint.get("/settings")
@endpoint(SettingListResponse, tag="Settings", access="api_key")
def setting_list() -> SettingListResponse:
    """List settings

    The shop's values, else the defaults; every value is text.
    """
    return SettingListResponse.of(get_settings().values)


@blueprint.put("/settings/shop/<string:key>")
@endpoint(SettingResponse, tag="Settings", body=SettingValue, errors=[404, 409], access="api_key")
def setting_set(key: str, body: SettingValue) -> SettingResponse:
    """Change a setting

    Booleans and numbers may be sent as such or as text. Every change is recorded in the audit log. Some settings are
    the owners' alone (403 `owner_only`); a large change may need a second person (409 `approval_required`).
    """
    value = change_setting(key, body.value, current_actor())
    return SettingResponse(data=SettingData(setting=SettingOut(key=key, value=value)))
