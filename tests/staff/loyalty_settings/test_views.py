"""The loyalty rules: shown as text, previewed, saved together or not at all, and the log of changes."""

import re
from html import unescape

import pytest

from shop.queries.loyalty.rules_preview import compare_rules, list_changes
from shop.services.shops.settings import change_setting, get_settings
from shop.staff.loyalty_settings.fields import FIELDS, in_words
from tests import factories
from tests.factories import TESTER

PAGE, PREVIEW, CHANGES = (f"/staff/settings/loyalty{end}" for end in ("", "/preview", "/changes"))
RATE, SMALLEST = "loyalty_points_per_currency_unit", "loyalty_min_order_subtotal_to_earn"
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def words(answer):
    """Return a page's text."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).replace("\xa0", " ").split())


def form_of(values, **changed):
    """Return the form's fields: every rule, and its value when the form was rendered."""
    rules = {key: values[key] for key in FIELDS}
    return rules | {f"seen.{key}": text for key, text in rules.items()} | changed


@pytest.fixture
def values(inside):
    return inside(lambda: get_settings().values)


@pytest.fixture
def send(staff):
    """Send a form to the page or the preview, optionally as htmx does."""

    def call(path, *, fragment=False, **fields):
        headers = FRAGMENT if fragment else {}
        return staff.client.post(path, data={"csrf_token": staff.token(), **fields}, headers=headers)

    return call


def test_every_rule_is_there_in_words(staff):
    page = staff.get(PAGE)
    assert page.status_code == 200
    for key in FIELDS:
        assert f'id="{key}"' in page.text
        assert f'id="{key}-help"' in page.text
    shown = words(page)
    assert "Points for each KES 1.00 spent" in shown
    assert "KES 999.99 earns 999 points" in shown
    assert "1,480 points = KES 14.80 off" in shown
    assert "Cart of KES 158.00: up to KES 79.00" in shown
    assert "An order of KES 2,400.00 earns 2,400 pts = KES 24.00" in shown
    assert "with 1,480 points 1,480 pts = KES 14.80" in shown
    assert "No changes yet" in shown
    assert "No unsaved changes" in shown


def test_only_managers_and_owners_come_in(browse, inside, values):
    clerk = inside(factories.make_staff, role="clerk")
    manager = inside(factories.make_staff, role="manager")
    browser = browse()
    browser.sign_in(clerk.email)
    assert browser.get(PAGE).status_code == 403
    assert browser.get(CHANGES).status_code == 403
    for path in (PAGE, PREVIEW):
        assert browser.send(path, **form_of(values, **{RATE: "2"})).status_code == 403
    assert inside(lambda: get_settings().values[RATE]) == "1"
    assert "Loyalty rules" not in browser.get("/staff/").text
    other = browse()
    other.sign_in(manager.email)
    assert other.get(PAGE).status_code == 200


def test_without_its_token_nothing_is_saved(staff, inside, values):
    assert staff.client.post(PAGE, data=form_of(values, **{RATE: "2"})).status_code == 400
    assert inside(lambda: get_settings().values[RATE]) == "1"


def test_without_scripts_saving_redirects_to_the_page_with_the_changes(staff, send, inside, values):
    answer = send(PAGE, **form_of(values, **{RATE: "1.50", SMALLEST: "200", "loyalty_points_enabled": "false"}))
    assert (answer.status_code, answer.location) == (303, PAGE)
    shown = words(staff.get(PAGE))
    assert "3 changes saved" in shown
    assert "Points for each KES 1.00 spent: 1 point → 1.5 points" in shown
    assert "Minimum order to earn: KES 0.00 → KES 200.00" in shown
    assert "Loyalty points: On → Off" in shown
    kept = inside(lambda: get_settings().values)
    assert (kept[RATE], kept[SMALLEST], kept["loyalty_points_enabled"]) == ("1.5", "200", "false")
    assert "changes saved" not in words(staff.get(PAGE))


def test_each_change_is_on_record_with_who_made_it(staff, owner, send, inside, values):
    send(PAGE, **form_of(values, **{RATE: "2", "loyalty_award_trigger": "either"}))
    found = inside(lambda: list_changes(FIELDS, limit=9).entries)
    assert {(change.key, change.old, change.new) for change in found} == {
        (RATE, "1", "2"),
        ("loyalty_award_trigger", "payment_paid", "either"),
    }
    assert {(change.by, change.by_kind) for change in found} == {(owner.name, "staff")}
    assert "the order is paid → either comes first Njeri Kamau" in words(staff.get(PAGE))


def test_in_place_saving_returns_the_form_the_effect_the_history_and_a_toast(send, values):
    answer = send(PAGE, fragment=True, **form_of(values, **{RATE: "2"}))
    assert answer.status_code == 200
    assert "<html" not in answer.text
    targets = re.findall(r'<hx-partial hx-target="(#\w+)"', answer.text)
    assert targets == ["#effect", "#changes", "#toasts"]
    assert "1 change saved" in words(answer)
    assert "4,800 pts" in words(answer)


def test_saving_the_same_again_changes_nothing(send, inside, values):
    fields = form_of(values, **{RATE: "2"})
    send(PAGE, fragment=True, **fields)
    assert "No changes to save" in words(send(PAGE, fragment=True, **fields))
    assert len(inside(lambda: list_changes(FIELDS, limit=9).entries)) == 1


def test_a_wrong_value_is_refused_beside_its_field_and_nothing_is_saved(send, inside, values):
    answer = send(PAGE, **form_of(values, **{RATE: "2", "loyalty_otp_ttl_minutes": "61", SMALLEST: "<b>"}))
    assert answer.status_code == 422
    assert re.search(r'id="loyalty_otp_ttl_minutes-wrong"\s*>Must be from 1 to 60\.<', answer.text)
    assert re.search(rf'id="{SMALLEST}-wrong"\s*>Must be a number such as 1245\.50\.<', answer.text)
    assert 'value="61"' in answer.text
    assert 'value="&lt;b&gt;"' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2
    assert "3 unsaved changes 2 errors" in words(answer)
    assert inside(lambda: get_settings().values[RATE]) == "1"


@pytest.mark.parametrize("key", sorted(FIELDS))
@pytest.mark.parametrize("value", ["", "x" * 5000, "-1", "NaN", "\x00", "1e999999", "💥"])
def test_nonsense_is_refused_and_never_an_error(send, values, key, value):
    assert send(PAGE, fragment=True, **form_of(values, **{key: value})).status_code == 422
    assert send(PREVIEW, fragment=True, **form_of(values, **{key: value})).status_code == 200


def test_a_form_without_most_rules_leaves_them_as_they_are(send, inside):
    assert send(PAGE, **{RATE: "3"}).status_code == 303
    found = inside(lambda: list_changes(FIELDS, limit=9).entries)
    assert [(change.key, change.new) for change in found] == [(RATE, "3")]


def test_the_preview_says_what_the_rules_would_do_and_keeps_nothing(send, inside, values):
    def prepare():
        jane = factories.make_customer()
        for subtotal in (15000, 240000):
            factories.make_order(jane, subtotal, payment_status="paid")

    inside(prepare)
    fields = form_of(values, **{RATE: "1.5", SMALLEST: "200"})
    for fragment in (True, False):
        answer = send(PREVIEW, fragment=fragment, **fields)
        assert answer.status_code == 200
        assert ("<html" in answer.text) is not fragment
        shown = words(answer)
        assert "3,600 pts = KES 36.00 Today 2,400 pts = KES 24.00" in shown
        assert "Orders that earn 2 1" in shown
        assert "Points given 2,550 3,600" in shown
        assert "Their cost, KES 25.50 36.00" in shown
        assert "Share of sales 1.0 % 1.4 %" in shown
        assert "Costs KES 10.50 more in 90 days. 1 order would no longer earn." in shown
        assert "2 unsaved changes" in shown
        assert "Today: 1 point Undo" in shown
        assert "KES 199.99 earns nothing, KES 200.00 earns 300" in shown
    assert inside(lambda: get_settings().values[RATE]) == "1"


def test_the_preview_agrees_with_the_service(send, inside, values):
    fields = form_of(values, loyalty_max_redeem_percent="5")
    found = inside(lambda: compare_rules(get_settings().rules, get_settings().rules))
    assert found.today.cart.max_points == 1480
    assert "with 1,480 points 790 pts = KES 7.90 Up to KES 7.90: 5 % of the cart" in words(
        send(PREVIEW, fragment=True, **fields)
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"loyalty_points_enabled": "false"}, "Customers can’t earn or use points any more."),
        ({"loyalty_min_checkout_total": "500"}, "The cart is below the minimum of KES 500.00."),
        ({"loyalty_min_points_to_redeem": "2000"}, "Fewer than the minimum of 2,000."),
        ({"loyalty_max_redeem_percent": "0"}, "This cart can’t be paid with points."),
        ({"loyalty_points_per_currency_discount": "50"}, "1,480 points would be worth KES 29.60"),
        ({"loyalty_refund_returns_points": "in_proportion"}, "400 restored now, 400 with the rest"),
        ({RATE: "x"}, "Fix the fields in red. The preview uses today’s value for them."),
    ],
)  # fmt: skip
def test_what_is_worth_knowing_is_said_before_saving(send, inside, values, changed, sentence):
    inside(factories.make_customer, points=1480)
    assert sentence in words(send(PREVIEW, fragment=True, **form_of(values, **changed)))


def test_put_back_works_without_scripts(send, values):
    answer = send(PREVIEW, **form_of(values, **{RATE: "x", SMALLEST: "200"}), put_back=RATE)
    assert "1 unsaved change" in words(answer)
    assert 'value="200.00"' in answer.text


def test_concurrent_changes_of_other_fields_are_kept(send, inside, values):
    inside(change_setting, RATE, "7", TESTER)
    assert send(PAGE, **form_of(values, **{SMALLEST: "5"})).status_code == 303
    kept = inside(lambda: get_settings().values)
    assert (kept[RATE], kept[SMALLEST]) == ("7", "5")


def test_concurrent_changes_of_the_same_field_need_confirmation(send, inside, values):
    inside(change_setting, RATE, "7", TESTER)
    refused = send(PAGE, **form_of(values, **{RATE: "3"}))
    assert refused.status_code == 422
    assert "Someone else just changed this to 7 points." in words(refused)
    assert inside(lambda: get_settings().values[RATE]) == "7"
    assert send(PAGE, **form_of(values, **{RATE: "3", f"seen.{RATE}": "7"})).status_code == 303
    assert inside(lambda: get_settings().values[RATE]) == "3"


def test_earlier_changes_are_shown_page_by_page(staff, inside):
    for rate in range(2, 32):
        inside(change_setting, RATE, str(rate), TESTER)
    page = staff.get(PAGE)
    assert page.text.count("<li>") == 5
    assert "30 points → 31 points Tester" in words(page)
    whole = staff.get(CHANGES)
    assert "<html" in whole.text
    assert "7 points" in words(whole)
    assert "1 point →" not in words(whole)
    older = unescape(re.search(r'href="([^"]+before=\d+)"', whole.text)[1])
    last = staff.get(older, headers=FRAGMENT)
    assert "<html" not in last.text
    assert "1 point → 2 points" in words(last)
    assert "Newest" in words(last)
    for odd in ("x", "-1", "0", "99999999999999999999999"):
        assert staff.get(f"{CHANGES}?before={odd}").status_code == 200


def test_what_an_api_key_changed_says_so(staff, api):
    assert api.put(f"/api/v1/settings/shop/{RATE}", json={"value": 2}).status_code == 200
    assert "1 point → 2 points API key Tests" in words(staff.get(PAGE))


def test_the_changes_of_another_shop_are_not_shown(app, staff):
    with app.app_context():
        factories.make_shop()
        change_setting(RATE, "77", TESTER)
    assert "77 points" not in words(staff.get(CHANGES))


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("loyalty_points_enabled", "true", "On"),
        (RATE, "1", "1 point"),
        (RATE, "1234.5", "1,234.5 points"),
        (SMALLEST, "1200", "KES\xa01,200.00"),
        ("loyalty_max_redeem_percent", "12.5", "12.5\xa0%"),
        ("loyalty_otp_ttl_minutes", "1", "1 minute"),
        ("loyalty_refund_returns_points", "at_end", "only when fully refunded"),
    ],
)
def test_values_are_said_as_people_say_them(app, key, text, said):
    with app.test_request_context():
        assert in_words(key, text, "KES") == said
