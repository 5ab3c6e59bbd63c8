"""Registering a device as a till on its page."""

from shop.services.catalogue.adjustments import default_branch_id
from shop.services.shops.settings import change_settings
from shop.services.till.devices import list_devices
from tests import factories

PAGE = "/staff/till/device"


def test_a_manager_registers_this_device_and_revokes_it(staff, browse, inside):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert "A manager can register it here" in clerk.get(PAGE).text
    assert clerk.send(PAGE, name="Till 1", branch="1").status_code == 403
    branch = str(inside(default_branch_id))
    assert staff.send(PAGE, name="", branch=branch).status_code == 422
    assert staff.send(PAGE, name="Till 1", branch="x").status_code == 422
    assert staff.send(PAGE, name="Till 1", branch=branch).status_code == 303
    assert "· Till 1" in staff.get("/staff/till").text
    (device,) = inside(list_devices)
    assert staff.send(f"/staff/till/devices/{device.id}/revoke").status_code == 303
    refused = staff.get("/staff/till")
    assert refused.status_code == 403
    assert "This till was revoked." in refused.text
    assert staff.get(PAGE).status_code == 200
    assert staff.send(PAGE, name="Till 1", branch=branch).status_code == 303
    assert staff.get("/staff/till").status_code == 200


def test_registered_tills_alone(staff, inside):
    inside(change_settings, {"till_devices_only": "true"}, factories.TESTER)
    refused = staff.get("/staff/till")
    assert refused.status_code == 403
    assert "This device is not registered as a till." in refused.text
    assert staff.get(PAGE).status_code == 200
