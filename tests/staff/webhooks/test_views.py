"""Settings, Webhooks: endpoints and their deliveries."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import AuditEntry
from shop.services.webhooks.deliveries import send_test
from shop.services.webhooks.disabling import note_attempt
from shop.services.webhooks.endpoints import create_endpoint, get_endpoint, list_endpoints, lock_endpoint
from tests import factories

PAGE = "/staff/settings/webhooks"
URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def endpoint(inside):
    return inside(create_endpoint, URL, ["*"], factories.TESTER)[0].id


def test_an_endpoint_is_added_and_its_secret_shown_once(staff, inside):
    assert "No endpoints yet" in staff.get(PAGE).text
    added = staff.send(f"{PAGE}/new", url=URL, types="order.paid, points.*", signature="v1", enabled="y")
    assert added.status_code == 200
    assert "whsec_" in added.text
    (endpoint,) = inside(list_endpoints)
    assert (endpoint.types, endpoint.enabled) == (["order.paid", "points.*"], True)
    for path in (PAGE, f"{PAGE}/{endpoint.id}"):
        shown = staff.get(path).text
        assert "127.0.0.1:9/hook" in shown
        assert "whsec_" not in shown


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"url": ""}, "Enter the address to call"),
        ({"url": "nowhere"}, "Must be an address such as"),
        ({"types": "order.eaten"}, "Must be an event type"),
    ],
)
def test_errors_are_shown_at_their_field(staff, endpoint, typed, words):
    form = {"url": URL, "types": "*", "signature": "v1"} | typed
    for path in (f"{PAGE}/new", f"{PAGE}/{endpoint}"):
        answer = staff.send(path, **form)
        assert answer.status_code == 422
        assert words in answer.text


def test_an_endpoint_is_changed_rotated_and_deleted(staff, inside, endpoint):
    path = f"{PAGE}/{endpoint}"
    assert staff.send(path, url=URL, types="customer.*", description="CRM").status_code == 303
    changed = inside(get_endpoint, endpoint)
    assert (changed.types, changed.enabled, changed.description) == (["customer.*"], False, "CRM")
    assert "Replace the secret?" in staff.send(f"{path}/rotate").text
    assert "whsec_" in staff.send(f"{path}/rotate", sure="1").text
    assert staff.send(f"{path}/delete", sure="1").status_code == 303
    assert inside(list_endpoints) == []


def test_a_test_event_leads_to_its_delivery(staff, endpoint):
    sent = staff.send(f"{PAGE}/{endpoint}/test", type="order.paid")
    assert sent.status_code == 303
    shown = staff.get(sent.headers["Location"]).text
    for words in ("order.paid", "msg_", "planned", "ORD-260115-7KQ4F"):
        assert words in shown
    delivery = sent.headers["Location"].rpartition("/")[2]
    assert staff.send(f"{PAGE}/deliveries/{delivery}/resend").status_code == 303
    listed = staff.get(f"{PAGE}/{endpoint}?status=waiting&type=order.paid").text
    assert f"deliveries/{delivery}" in listed
    assert f"deliveries/{delivery}" not in staff.get(f"{PAGE}/{endpoint}?status=failed").text
    assert staff.send(f"{PAGE}/{endpoint}/test", type="order.eaten").status_code == 422


@pytest.mark.parametrize("page", ["endpoint", "delivery"])
def test_a_page_that_shows_what_was_delivered_is_on_record(staff, inside, endpoint, page):
    delivery = inside(send_test, endpoint, "order.paid", factories.TESTER).id
    paths = {"endpoint": f"{PAGE}/{endpoint}", "delivery": f"{PAGE}/deliveries/{delivery}"}
    assert staff.get(paths[page]).status_code == 200
    read = select(AuditEntry.subject).where(AuditEntry.action == "list.read")
    assert inside(lambda: db.session.scalars(read).all()) == ["list:events"]


def test_a_period_is_resent(staff, inside, endpoint):
    assert staff.send(f"{PAGE}/{endpoint}/replay", hours="24").status_code == 303
    assert "Nothing failed in this period." in staff.get(f"{PAGE}/{endpoint}").text


def test_an_endpoint_that_tuza_disabled_is_on_the_overview(staff, inside, endpoint):
    def fail():
        send_test(endpoint, "order.paid", factories.TESTER)
        with transaction():
            note_attempt(lock_endpoint(endpoint), is_delivered=False, is_gone=True)

    inside(fail)
    assert "1 webhook fails" in staff.get("/staff/").text
    assert "Disabled (410)" in staff.get(PAGE).text
    shown = staff.get(f"{PAGE}/{endpoint}").text
    assert "Tuza no longer calls this address" in shown
    assert "Turn the endpoint on first." in shown
