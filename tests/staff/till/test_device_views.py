"""Registering a device as a till on its page, and the branch of one that is not registered."""

from uuid import uuid4

from shop.services.catalogue.adjustments import default_branch_id
from shop.services.catalogue.branches import save_branch
from shop.services.shops.settings import change_settings
from shop.services.till.devices import list_devices
from shop.services.till.sales import get_sale_of_order
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


def test_staff_choose_the_branch_of_a_device_that_is_not_registered(staff, inside):
    assert "Sell here" not in staff.get("/staff/till").text
    branch = inside(save_branch, None, "Westlands", factories.TESTER).id
    jane = inside(factories.make_customer)
    page = staff.get("/staff/till")
    assert "Sell here" in page.text
    assert page.headers["Permissions-Policy"].startswith("camera=(self), ")
    for sent, kept in ((str(branch), branch), ("999", inside(default_branch_id)), ("x", inside(default_branch_id))):
        assert staff.send("/staff/till/branch", branch=sent).status_code == 303
        assert f'data-branch="{kept}"' in staff.get("/staff/till").text
        fields = {"customer_id": str(jane.id), "amount": str(kept + 5), "repeated": "1", "method": "mpesa"}
        sold = staff.send("/staff/till/sale", **fields, reference=f"REF{sent}", request_key=str(uuid4()))
        order_id = int(sold.headers["Location"].rsplit("/", 1)[-1])
        assert inside(get_sale_of_order, order_id).sale.branch_id == kept
