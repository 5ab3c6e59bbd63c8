"""The page of registrations in a real browser: a picture that loads, a decision by keyboard, room for long names."""

import pytest
from playwright.sync_api import expect

from shop.db.tenant import use_shop
from shop.services.loyalty.registrations import RegistrationRequest, decide_registration, register_customer
from tests import factories
from tests.browser.test_staff_pages import DESKTOP, PHONE
from tests.support.pictures import png

LONG = "Wanjikũ Nyambura wa Kamau-Odhiambo Mwangizzo-Njoroge Achieng'-Wafula Binti Sulaiman"


@pytest.fixture
def registrations(app, owner):
    """Pending ones, one with a large picture and a long name; one approved, one rejected."""
    with app.app_context():
        use_shop(owner.shop_id)

        def send(name, picture, email=None):
            customer = factories.make_customer(email)
            return register_customer(customer.id, RegistrationRequest(name, "0712345678", picture)).id

        decided = [send(name, png()) for name in ("Otieno", "Kip")]
        decide_registration(decided[0], "approved", factories.TESTER)
        decide_registration(decided[1], "rejected", factories.TESTER, reason="The picture is too dark to read.")
        send("Amina Yusuf", None)
        return send(LONG, png(1600, 1000), f"{'wanjiku.nyambura.' * 2}{factories.unique()}@example.com"), decided[1]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_list_and_a_registration(watch, owner, registrations, viewport):
    seen = watch(viewport=viewport)
    seen.sign_in(owner)
    page = seen.open("/staff/registrations")
    expect(page.get_by_role("link", name=LONG)).to_be_visible()
    seen.assert_sound()
    page.get_by_role("link", name=LONG).click()
    image = page.get_by_role("img", name=f"Photo of the ID card of {LONG}")
    expect(image).to_be_visible()
    expect(image).to_have_js_property("naturalWidth", 1600)  # known once it is loaded
    seen.assert_sound()
    seen.open(f"/staff/registrations/{registrations[1]}")
    expect(page.get_by_text("too dark to read")).to_be_visible()
    seen.assert_sound()
    seen.open("/staff/registrations?status=")
    seen.assert_sound()


def test_a_decision_by_keyboard(watch, owner, registrations):
    seen = watch(viewport=DESKTOP)
    seen.sign_in(owner)
    page = seen.open(f"/staff/registrations/{registrations[0]}")
    page.get_by_role("button", name="Reject").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter a reason. The customer will see it.")).to_be_visible()
    seen.assert_sound()
    page.get_by_role("textbox", name="Reason").fill("Too dark.")
    page.get_by_role("textbox", name="Reason").press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("rejected. We e-mailed them the reason.")
    page.get_by_role("link", name="Amina Yusuf").press("Enter")
    page.get_by_role("button", name="Approve").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Amina Yusuf approved.")
    expect(page.get_by_role("heading", name="No pending registrations")).to_be_visible()
    seen.assert_sound()
