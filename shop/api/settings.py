"""Settings by the admin door (``docs/contract/api.md``, section 3)."""

from shop.api import blueprint
from shop.api.auth import actor
from shop.schemas.settings import SettingAnswer, SettingData, SettingListAnswer, SettingOut, SettingValue
from shop.services.shops.settings import change_setting, get_settings
from shop.web.endpoint import endpoint


@blueprint.get("/settings")
@endpoint(SettingListAnswer, tag="Settings", access="api_key")
def setting_list() -> SettingListAnswer:
    """List settings

    The shop's own over the defaults; every value is a text.
    """
    return SettingListAnswer.of(get_settings().values)


@blueprint.put("/settings/shop/<string:key>")
@endpoint(SettingAnswer, tag="Settings", body=SettingValue, errors=[404], access="api_key")
def setting_set(key: str, body: SettingValue) -> SettingAnswer:
    """Change a setting

    Booleans and numbers may come as such or as text. Every change is put on record: who, when, old, new.
    """
    value = change_setting(key, body.value, actor())
    return SettingAnswer(data=SettingData(setting=SettingOut(key=key, value=value)))
