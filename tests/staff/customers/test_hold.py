"""A hold on redemption: shown on the customer's page, lifted by a manager with a reason."""

from shop.services.customers.records import update_customer
from tests import factories


def member(browse, inside, role):
    browser = browse()
    browser.member = inside(factories.make_staff, role=role)
    browser.sign_in(browser.member.email)
    return browser


def test_a_hold_is_shown_and_ended_by_another_manager(browse, inside):
    mary, otieno = member(browse, inside, "manager"), member(browse, inside, "manager")
    jane = inside(factories.make_customer, "jane@example.com")
    here = f"/staff/customers/{jane.id}"
    assert "Redemption is on hold" not in mary.get(here).text
    inside(update_customer, jane.id, mary.member.actor, email="new@example.com")
    assert "Redemption is on hold until" in mary.get(here).text
    assert "Redemption is on hold for 1 customer" in mary.get("/staff/").text
    mary.send(f"{here}/redemption-hold/lift", reason="Typo")
    assert "Ask someone else" in mary.get(here).text
    otieno.send(f"{here}/redemption-hold/lift", reason=" ")
    assert "Enter a reason" in otieno.get(here).text
    assert otieno.send(f"{here}/redemption-hold/lift", reason="Typo in the address").status_code == 303
    page = otieno.get(here).text
    assert "Redemption is on hold" not in page
    assert "Hold on redemption ended" in otieno.get("/staff/settings/audit").text


def test_a_clerk_sees_the_hold_and_cannot_end_it(browse, inside, owner):
    clerk = member(browse, inside, "clerk")
    jane = inside(factories.make_customer, "jane@example.com")
    inside(update_customer, jane.id, owner.actor, email="new@example.com")
    page = clerk.get(f"/staff/customers/{jane.id}").text
    assert "Redemption is on hold until" in page
    assert "End the hold" not in page
    assert clerk.send(f"/staff/customers/{jane.id}/redemption-hold/lift", reason="Mine").status_code == 403
