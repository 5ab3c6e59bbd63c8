"""The logo on the settings page, and on the pages, documents and mails of the shop."""

import io

from shop.services.shops.settings import change_setting, get_settings
from tests import factories
from tests.support.pictures import png


def upload(staff, data):
    return staff.send("/staff/settings/store/logo", logo=(io.BytesIO(data), "logo.png"))


def test_an_owner_uploads_a_logo_that_customers_see_and_removes_it(staff, shop, inside):
    inside(change_setting, "hosted_shop_enabled", "true", factories.TESTER)
    order = inside(lambda: factories.make_order(factories.make_customer(first_name="Jane"), 5000))
    assert "s required" in upload(staff, b"").text
    assert "ust be a picture: JPEG, PNG or WebP" in upload(staff, b"<svg/>").text
    assert upload(staff, png(200, 50)).status_code == 303
    logo = inside(get_settings).logo
    shown = f'src="{logo.path()}"'
    pages = (
        "/staff/settings/store",
        f"/shop/{shop.slug}/",
        f"/checkout/{shop.slug}/order-status",
        f"/me/{shop.slug}/join",
    )
    for path in pages:
        assert shown in staff.get(path).text, path
    for path in (f"orders/{order.id}/receipt", f"orders/{order.id}/packing-slip", "customers/poster"):
        assert logo.path("png") in staff.get(f"/staff/{path}").text
        assert b"/Subtype /Image" in staff.get(f"/staff/{path}?pdf=1").data
    assert "A picture" in staff.get("/staff/settings/audit").text
    assert staff.send("/staff/settings/store/logo", delete="1").status_code == 303
    assert shown not in staff.get(f"/shop/{shop.slug}/").text
