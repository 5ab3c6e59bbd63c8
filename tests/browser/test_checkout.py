"""The embedded checkout on a page of another site, in a browser that blocks third-party cookies."""

import re

import pytest
from playwright.sync_api import expect

from shop.db.transaction import transaction
from shop.services.payments.config import PaymentConfig
from shop.services.payments.credentials import save_credentials
from tests import factories
from tests.browser.conftest import WatchedPage
from tests.browser.embedding import LISTEN, enter, fill_in, heard, stall, strict_browser, unlock, until
from tests.support.daraja import FakeDaraja
from tests.support.payments import FACTS, SECRETS, Caller, end_attempts

DESKTOP = {"width": 1280, "height": 900}
SMALL = {"width": 320, "height": 640}
OURS = ["globals", "Tuza"]
"""All that is new on the page's window: what the test put there, and Tuza."""
LOST = "No internet connection. Nothing was lost. Try again."


@pytest.fixture
def stand(app, live_server):
    with stall(app, live_server) as stand:
        yield stand


@pytest.fixture
def jane(stand):
    """Jane with 1,480 points."""
    return stand.inside(factories.make_customer, points=1480).email


@pytest.fixture
def visit(stand, new_context):
    """Return a function that opens the store's page; ``before`` runs first in it, the rest goes to the context."""

    def open_page(before="", at=None, **options):
        page = new_context(**options).new_page()
        page.add_init_script(LISTEN + before)
        page.goto(at or stand.store, wait_until="networkidle")
        return page

    return open_page


@pytest.fixture(scope="session")
def browser(full_browser):
    """The browser of all contexts here."""
    return full_browser


@pytest.fixture
def strict(browser_type, full_launch_args, tmp_path):
    """Return a function that creates browsers with third-party cookies blocked, or not."""
    made = []

    def make(*, block):
        made.append(strict_browser(browser_type, full_launch_args, tmp_path / str(block), block=block))
        return made[-1]

    yield make
    for context in made:
        context.close()


def framed_cookie(context, stand):
    """Return what a frame of Tuza's site can read of a cookie that Tuza's site set on its own page."""
    page = context.new_page()
    probe = stand.store.replace("localhost", "127.0.0.1") + "/probe"
    for _ in range(2):
        page.goto(probe)
    assert page.inner_text("p") == "probe=1"
    page.goto(stand.store)
    page.evaluate(
        "u => new Promise((done) => { const f = document.createElement('iframe'); f.onload = () => done(1);"
        " f.src = u; document.body.append(f); })",
        probe,
    )
    return page.frame(url=probe).inner_text("p")


def test_the_probe_finds_a_third_partys_cookie_where_it_is_allowed(strict, stand):
    assert framed_cookie(strict(block=False), stand) == "probe=1"


def test_a_whole_order_with_points_from_the_first_click_without_any_cookie(strict, stand, jane):
    context = strict(block=True)
    assert framed_cookie(context, stand) == "no cookie"  # so the browser does block them
    context.clear_cookies()
    page = context.new_page()
    page.add_init_script(LISTEN)
    watched = WatchedPage(page, "http")
    page.goto(stand.store)
    page.click("#buy")
    frame = enter(page)
    fill_in(frame, jane)
    expect(frame.get_by_role("button", name="Use my points")).to_be_visible()
    stand.inside(factories.make_coupon, "KARIBU150", "fixed", 15000)
    frame.get_by_label("Coupon code").fill("karibu150")
    frame.get_by_role("button", name="Apply").click()
    unlock(frame, stand, jane)
    expect(frame.get_by_text("use up to 1,480 = KES 14.80.")).to_be_visible()
    frame.get_by_label("100 points fewer").click()
    expect(frame.get_by_role("button", name="Pay KES 125.00 with M-Pesa")).to_be_visible()  # 189 − 150 − 14 + 100
    frame.get_by_label("Cash on Delivery").check()
    frame.get_by_role("button", name="Order now, pay KES 125.00 on delivery").click()
    expect(frame.get_by_role("heading", name="Thank you, Wanjiku")).to_be_focused()
    expect(frame.get_by_text("1,400 points used")).to_be_visible()
    [order] = heard(page, "order.created")
    assert (order["total"], order["currency"], order["payment_status"]) == ("125.00", "KES", "pending")
    assert (order["points_redeemed"], order["points_to_earn"]) == (1400, 189)
    assert frame.get_by_text(order["order_number"]).is_visible()
    frame.get_by_role("button", name="Back to the shop").click()
    expect(page.locator("#buy")).to_be_focused()
    assert heard(page, "closed") == [{}]
    assert heard(page, "resize")
    assert context.cookies() == []
    assert frame.is_detached()
    assert watched.complaints == []


def test_only_the_stores_own_page_may_show_it(stand, visit):
    """An unrelated page that claims to be the store only gets a link to open it outside."""
    lying = f"""
      Object.defineProperty(URLSearchParams.prototype, "set", {{value(name, value) {{
        this.delete(name);
        this.append(name, name === "origin" ? "{stand.store}" : value);
      }}}});
    """
    for lie in ("", lying):
        page = visit(lie, at=stand.foreign)
        page.clock.install()
        with page.expect_event("requestfailed", lambda request: "/checkout/" in request.url) as refused:
            page.click("#buy")
        assert refused.value.failure == "net::ERR_BLOCKED_BY_RESPONSE"
        page.clock.fast_forward(9000)
        link = page.get_by_role("link", name="Open it in its own page")
        expect(link).to_have_attribute(
            "href", f"{stand.api}/checkout/{stand.slug}?items={stand.items.replace(':', '%3A').replace(',', '%2C')}"
        )
        assert heard(page, "ready") == []
        assert [frame.locator("#form").count() for frame in page.frames[1:]] == [0]


@pytest.mark.parametrize("place", ["", "data-target='#place'"])  # over the page, where frames[0] does not find it
def test_messages_from_other_origins_change_nothing(stand, visit, place):
    stand.attributes = place
    page = visit()
    page.click("#buy")
    frame = enter(page)
    page.evaluate(
        """async (address) => {
          const stranger = document.createElement("iframe");
          stranger.src = address;
          document.body.append(stranger);
          await new Promise((loaded) => (stranger.onload = loaded));
        }""",
        stand.foreign + "/probe",
    )
    stranger = page.frame(url=stand.foreign + "/probe")
    assert page.evaluate("frames[0] === document.querySelector('#place iframe')?.contentWindow") is bool(place)
    lies = {"tuza": "checkout", "order": {"order_number": "ORD-1"}, "email": "thief@example.com"}
    for kind in ("order.created", "close", "fill"):
        stranger.evaluate("said => parent.postMessage(said, '*')", lies | {"type": kind})
        stranger.evaluate("said => parent.frames[0].postMessage(said, '*')", lies | {"type": kind})
        page.evaluate("said => window.postMessage(said, '*')", lies | {"type": kind})
    page.evaluate("Tuza.on('resize', () => {}) && new Promise((done) => setTimeout(done))")
    frame.evaluate("new Promise((done) => setTimeout(done))")
    assert heard(page, "order.created") == []
    assert heard(page, "closed") == []
    assert frame.locator("#email").input_value() == ""


def test_the_page_around_fills_in_what_is_empty_and_nothing_else(stand, visit, jane):
    page = visit()
    page.evaluate("([items, email]) => Tuza.open({items, email, name: 'Jane Doe'})", [stand.items, jane])
    frame = enter(page)
    expect(frame.get_by_role("button", name="Use my points")).to_be_visible()
    assert frame.locator("#name").input_value() == "Jane Doe"
    assert jane not in frame.url


def test_it_may_be_called_before_it_is_there_and_loaded_twice(stand, visit):
    stand.attributes = "></script><script src='" + stand.api + f"/static/embed.js' data-shop='{stand.slug}' async"
    page = visit(f"Tuza.points = 'the widget'; Tuza.queue.push(['open', {{items: '{stand.items}'}}]);")
    enter(page)
    assert page.locator("iframe").count() == 1
    assert page.evaluate("Object.keys(window).filter((name) => !globals.includes(name) && isNaN(name))") == OURS
    assert page.evaluate("Tuza.points") == "the widget"
    page.evaluate("Tuza.close()")
    expect(page.locator("iframe")).to_have_count(0)
    assert heard(page, "closed") == [{}]


def test_a_page_can_have_it_in_a_place_of_its_own(stand, visit):
    stand.attributes = f"data-target='#place' data-items='{stand.items}'"
    page = visit(viewport=SMALL, color_scheme="dark")
    frame = enter(page)
    height = frame.evaluate("document.getElementById('content').getBoundingClientRect().height")
    until(page, f"Math.abs(document.querySelector('#place iframe').offsetHeight - {height}) <= 1")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("look", [{"viewport": SMALL, "color_scheme": "dark"}, {"viewport": DESKTOP}])
def test_no_valid_customer_is_refused(stand, visit, jane, look):
    """axe finds nothing serious at any step; nothing is wider than the screen; the embedding page is fine, too."""
    page = visit(reduced_motion="reduce", **look)
    page.click("#buy")
    frame = enter(page)
    watched = WatchedPage(page, stand.store)
    watched.page = frame

    def fine():
        assert watched.barriers() == []
        assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")

    frame.get_by_role("button", name="Order now, pay").or_(frame.get_by_role("button", name="Pay KES")).click()
    expect(frame.get_by_role("alert")).to_contain_text("Please fix 5 fields.")
    expect(frame.locator("#email")).to_be_focused()
    expect(frame.locator("#email")).to_have_attribute("aria-invalid", "true")
    fine()
    fill_in(frame, jane)
    frame.get_by_role("button", name="Use my points").click()
    expect(frame.locator("#code")).to_be_focused()
    frame.get_by_text("No e-mail?").click()
    fine()
    frame.locator("#coupon_code").fill("NOPE")
    code = stand.mailed_code(jane)
    frame.locator("#code").press_sequentially("000000" if code != "000000" else "111111")
    frame.locator("#code").press("Enter")
    expect(frame.locator("#code")).to_have_attribute("aria-invalid", "true")
    expect(frame.locator("#coupon_code")).to_have_attribute("aria-invalid", "true")
    expect(frame.locator("#code")).to_be_focused()  # not the coupon, which is the first invalid field
    frame.get_by_role("button", name="Order without a coupon").click()
    expect(frame.locator("#coupon_code")).to_have_value("")
    frame.locator("#code").fill("")
    frame.locator("#code").press_sequentially(code)
    frame.locator("#code").press("Enter")
    expect(frame.get_by_text("unlocked for 30 minutes")).to_be_visible()
    fine()
    frame.get_by_role("button", name="Pay KES").click()
    expect(frame.locator("#thanks")).to_be_focused()
    fine()
    watched.page = page
    assert watched.barriers() == []


def test_the_keyboard_alone_is_enough(stand, visit, jane):
    page = visit()
    page.focus("#buy")
    page.keyboard.press("Enter")
    frame = enter(page)
    press, write = page.keyboard.press, page.keyboard.insert_text

    def tab_to(selector):
        for _ in range(40):
            if frame.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            press("Tab")
        raise AssertionError(f"Tab never came to {selector}")

    for field, text in (
        ("#email", jane),
        ("#name", "Jane Doe"),
        ("#phone", "0712000118"),
        ("#street", "Kirichwa Road"),
    ):
        tab_to(field)
        write(text)
    tab_to("#city")
    write("Nairobi")
    expect(frame.get_by_role("button", name="Use my points")).to_be_visible()
    tab_to("[data-do=ask-code]")
    press("Space")
    expect(frame.locator("#code")).to_be_focused()
    code = stand.mailed_code(jane)
    frame.locator("#code").evaluate(
        """(field, text) => {
          field.value = text;
          field.dispatchEvent(new InputEvent("input", {bubbles: true, inputType: "insertFromPaste"}));
        }""",
        f" {code[:3]}-{code[3:]}\n",
    )  # pasted as a whole, it needs no button
    expect(frame.locator("#points")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert frame.evaluate("document.activeElement.id") == "slide"
    press("ArrowLeft")
    expect(frame.locator("#points")).to_have_value("1400")
    expect(frame.locator("#slide")).to_have_attribute("aria-valuetext", "1,400")
    tab_to("[name=payment]")
    press("ArrowDown")
    expect(frame.get_by_role("button", name="Order now, pay KES 275.00 on delivery")).to_be_visible()
    tab_to("#pay")
    press("Enter")
    expect(frame.locator("#thanks")).to_be_focused()
    press("Escape")
    expect(page.locator("#buy")).to_be_focused()


def test_a_lost_answer_and_a_lost_connection_make_one_order(stand, visit):
    page = visit()
    page.click("#buy")
    frame = enter(page)
    fill_in(frame, "new@example.com")
    frame.get_by_label("Cash on Delivery").check()
    pay = frame.get_by_role("button", name="Order now, pay KES 289.00 on delivery")
    expect(pay).to_be_visible()

    def lose_answer(route):
        route.fetch()  # it arrives, and is answered
        route.abort()

    page.route(re.compile(r"/order\?lang="), lose_answer, times=1)
    pay.click()
    expect(frame.get_by_role("alert")).to_have_text(LOST)
    page.context.set_offline(True)
    pay.click()
    expect(frame.get_by_role("alert")).to_have_text(LOST)
    page.context.set_offline(False)
    pay.dblclick()
    expect(frame.locator("#thanks")).to_be_focused()
    [order] = heard(page, "order.created")
    assert stand.inside(order_numbers) == [order["order_number"]]


def order_numbers():
    from shop.queries.orders.list import list_orders

    return [order.order_number for order in list_orders()[0]]


def test_when_no_mail_comes_there_is_a_way_on(stand, visit, jane):
    page = visit()
    page.clock.install()
    page.click("#buy")
    frame = enter(page)
    fill_in(frame, jane)
    frame.get_by_role("button", name="Use my points").click()
    again = frame.locator("#again")
    expect(again).to_have_text("Send again in 1:00")
    expect(again).to_be_disabled()
    page.clock.fast_forward(20_000)
    expect(again).to_have_text("Send again in 0:40")
    page.clock.fast_forward(41_000)
    expect(again).to_have_text("Send again")
    expect(again).to_be_enabled()
    expect(frame.get_by_text("Check your spam and promotions folders")).to_be_visible()  # opened automatically by now
    frame.get_by_role("button", name="Change it").click()
    expect(frame.locator("#email")).to_be_focused()
    frame.get_by_role("button", name="Continue without points").click()
    expect(frame.get_by_role("button", name="Pay KES 289.00 with M-Pesa")).to_be_focused()
    expect(frame.get_by_role("button", name="Use my points")).to_be_visible()


@pytest.fixture
def daraja(app, stand, monkeypatch):
    """The shop uses M-Pesa, with a fake Daraja server."""
    server = FakeDaraja()
    server.start()
    monkeypatch.setitem(app.config, "DARAJA_URL", server.url)

    def connect():
        with transaction():
            save_credentials("mpesa", FACTS, SECRETS, PaymentConfig.of(app.config).keys)

    stand.inside(connect)
    yield server
    stand.inside(end_attempts)
    server.stop()


def test_it_waits_for_the_phone_and_notifies_the_page_when_paid(stand, visit, daraja):
    page = visit(viewport=SMALL, color_scheme="dark", reduced_motion="reduce")
    page.clock.install()
    page.click("#buy")
    frame = enter(page)
    fill_in(frame, "new@example.com")
    frame.get_by_role("button", name="Pay KES 289.00 with M-Pesa").click()
    expect(frame.get_by_text("Waiting for your phone")).to_be_visible()
    watched = WatchedPage(page, stand.store)
    watched.page = frame
    assert watched.barriers() == []
    call = Caller(stand.app.test_client(), daraja)
    call(daraja.pushes[0], "1032")
    page.clock.fast_forward(3500)
    expect(frame.get_by_text("The payment was cancelled on the phone.")).to_be_visible()
    assert watched.barriers() == []
    frame.get_by_label("Phone for M-Pesa").fill("0733 111 222")
    frame.get_by_role("button", name="Pay with M-Pesa").click()
    expect(frame.locator("#payment-state")).to_be_focused()
    expect(frame.get_by_text("Waiting for your phone")).to_be_visible()
    assert heard(page, "order.paid") == []
    call(daraja.pushes[1])
    page.clock.fast_forward(3500)
    expect(frame.get_by_text("Payment received. Thank you!")).to_be_visible()
    [order] = heard(page, "order.paid")
    assert (order["order_number"], order["payment_status"]) == (
        heard(page, "order.created")[0]["order_number"],
        "paid",
    )


def test_it_is_a_page_of_its_own_too(stand, visit):
    page = visit(at=f"{stand.api}/checkout/{stand.slug}?items={stand.items}", viewport=SMALL)
    expect(page.get_by_text("Duka la Mama Njeri")).to_be_visible()
    fill_in(page.main_frame, "new@example.com")
    page.get_by_role("button", name="Pay KES 289.00 with M-Pesa").click()
    expect(page.locator("#thanks")).to_be_focused()
    expect(page.get_by_text("choose Pay Bill 247247")).to_be_visible()
    expect(page.get_by_role("button", name="Back to the shop")).to_be_hidden()
