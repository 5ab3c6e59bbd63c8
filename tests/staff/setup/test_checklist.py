"""The checklist on the overview of a shop that is being set up."""

import re

import pytest

from shop.services.shops.settings import change_setting, get_settings
from tests import factories
from tests.factories import TESTER


def steps(browser):
    """The steps as shown, by label: done, next or open."""
    page = browser.get("/staff/").text
    found = re.findall(r'<li class="(\w*)">\s*<span class="ring".*?<span class="strong">(.*?)</span>', page, re.DOTALL)
    return {label: state or "open" for state, label in found}


def test_a_new_shop_begins_with_the_first_open_step(staff):
    assert steps(staff) == {
        "Set your store’s logo, colour and e-mail": "next",
        "Set the points rules": "done",  # of a shop of the tests
        "Add your products": "open",
        "Choose how customers pay": "open",
        "Set delivery prices": "open",
        "Add your first customer": "open",
        "Place a test order": "open",
    }
    assert "1 of 7 done" in staff.get("/staff/").text


@pytest.mark.parametrize(
    ("make", "label"),
    [
        (lambda: change_setting("brand_color", "#aa0000", TESTER), "Set your store’s logo, colour and e-mail"),
        (lambda: change_setting("store_email", "duka@example.com", TESTER), "Set your store’s logo, colour and e-mail"),
        (factories.make_product, "Add your products"),
        (factories.make_payment, "Choose how customers pay"),
        (factories.make_shipping, "Set delivery prices"),
        (factories.make_customer, "Add your first customer"),
    ],
)
def test_a_step_is_done_once_the_data_show_it(staff, inside, make, label):
    inside(make)
    assert steps(staff)[label] == "done"


def test_the_checklist_is_gone_once_all_is_done(staff, inside):
    def do_all():
        change_setting("brand_color", "#aa0000", TESTER)
        factories.make_payment()
        factories.make_shipping()
        return factories.place(factories.make_customer(), [(factories.make_product(), 1)]).order.id

    inside(do_all)
    assert steps(staff) == {}


def test_it_can_be_hidden_and_shown_again(staff, inside):
    assert staff.send("/staff/setup/hide").status_code == 303
    assert steps(staff) == {}
    assert inside(lambda: get_settings().values["setup_checklist"]) == "false"
    inside(change_setting, "setup_checklist", "true", TESTER)
    assert steps(staff)


def test_a_clerk_sees_no_checklist(browse, inside):
    clerk = inside(factories.make_staff, role="clerk")
    browser = browse()
    browser.sign_in(clerk.email)
    assert steps(browser) == {}
    assert browser.send("/staff/setup/hide").status_code == 403
