"""Segments with a live count; bulk tags, adjustments and messages from the list."""

import re
import threading

import pytest

from shop.queries.customers.list import CustomerFilters, count_matching
from shop.services.bulk.actions import list_bulk
from shop.services.customers.records import create_customer
from shop.services.customers.segments import list_segments
from shop.services.privacy.consents import ConsentStatement, record_consent
from shop.services.shops.settings import change_settings
from shop.worker.jobs.bulk_actions import run_bulk_actions
from tests import factories

SEGMENTS = "/staff/customers/segments"
BULK = "/staff/customers/bulk"


@pytest.fixture
def people(inside):
    return [inside(factories.make_customer, points=points, tags=["A"]).id for points in (10, 20)]


def test_a_segment_is_built_counted_saved_and_used(staff, inside, people):
    assert "No segments yet" in staff.get(SEGMENTS).text
    query = "field=points&operator=at_least&value=15&field=tag&operator=has&value=A"
    page = staff.get(f"{SEGMENTS}/new?{query}", headers={"HX-Request": "true"}).text
    assert ">1 customer<" in "".join(page.split("\n")).replace("  ", "").replace("> ", ">").replace(" <", "<")
    assert page.count('name="field"') == 2
    assert staff.get(f"{SEGMENTS}/new?{query}&add=1").text.count('name="field"') == 3
    assert staff.get(f"{SEGMENTS}/new?{query}&remove=0").text.count('name="field"') == 1
    given = {"field": "points", "operator": "at_least", "value": "15", "match": "all"}
    assert "Must have 1 to 60 characters" in staff.send(SEGMENTS, name="", **given).text
    assert staff.send(SEGMENTS, name="Rich", **given | {"value": "many"}).status_code == 422
    assert staff.send(SEGMENTS, name="Rich", **given).status_code == 303
    (segment,) = inside(list_segments)
    listed = staff.get(f"/staff/customers?segment={segment.id}").text
    assert f"customer-{people[1]}" in listed
    assert f"customer-{people[0]}" not in listed
    assert "Points balance at least 15" in staff.get(SEGMENTS).text
    assert "1 customer" in staff.get(f"{SEGMENTS}/{segment.id}/count").text
    assert 'value="Rich"' in staff.get(f"{SEGMENTS}/{segment.id}").text
    assert staff.send(f"{SEGMENTS}/{segment.id}", name="Richer", **given).status_code == 303
    assert "Delete segment" in staff.send(f"{SEGMENTS}/{segment.id}/delete").text
    assert staff.send(f"{SEGMENTS}/{segment.id}/delete", sure="1").status_code == 303
    assert inside(list_segments) == []


def test_all_that_match_are_tagged(staff, inside, people):
    page = staff.get(f"{BULK}?action=tag&all=1&tag=A").text
    assert "2 customers are selected" in page
    assert 'value="all=1&amp;tag=A"' in page
    answer = staff.send(BULK, action="tag", selection="all=1&tag=A", way="add_tag", tag="November")
    assert answer.status_code == 303
    inside(run_bulk_actions, {}, threading.Event())
    assert inside(count_matching, CustomerFilters(tag="November")) == 2
    progress = staff.get(answer.headers["Location"]).text
    assert "2 of 2" in progress
    assert "every 2s" not in progress
    assert "November" in staff.get(f"{BULK}/actions").text


def test_ticked_rows_get_points(staff, inside, people):
    form = {"action": "adjust", "selection": f"ids={people[0]}", "way": "add", "reason": "Goodwill", "note": "Thanks"}
    form["request_key"] = "5f0b2f9c-4a46-4d4c-9a30-0d7a8ad1a0f1"
    assert staff.send(BULK, points="x", **form).status_code == 422
    assert staff.send(BULK, points="5", **form).status_code == 303
    (action,) = inside(list_bulk)
    assert (action.total, action.params["points"], action.params["note"]) == (1, 5, "Goodwill: Thanks")
    assert staff.send(f"{BULK}/{action.id}/stop").status_code == 303
    assert inside(list_bulk)[0].state == "stopped"


def test_a_message_says_whom_it_reaches_before_it_is_sent(staff, inside, people, statements):
    inside(change_settings, {"message_channels": "sms,email", "message_monthly_limit": "50.00"}, factories.TESTER)
    agreed = inside(create_customer, phone="0712345678", actor=factories.TESTER)
    statement = ConsentStatement("marketing_sms", True, "paper", "poster 1")
    inside(record_consent, agreed.id, statement, factories.TESTER)
    assert "Receive the message" in staff.get(f"{BULK}?action=message&all=1").text
    message = {"action": "message", "selection": "all=1", "subject": "Sunday", "body": "We are open."}
    with statements() as seen:
        review = staff.send(BULK, **message)
    assert review.status_code == 200
    assert sum("message_deliveries" in one for one in seen) == 2, "the price and the month's cost, once each"
    words = " ".join(re.sub("<[^>]+>", " ", review.text).split())
    assert "Receive the message 1 By SMS 1 Left out: no consent to offers 2" in words
    assert "SMS to pay 1 Expected cost KES&nbsp;0.80" in words
    assert "Send to 1" in words
    assert inside(list_bulk) == []
    assert 'name="subject"' in staff.send(BULK, change="1", **message).text
    assert staff.send(BULK, confirmed="1", **message).status_code == 303
    assert staff.send(BULK, action="message", selection="all=1", subject="", body="x").status_code == 422


def test_the_export_of_ticked_rows(staff, people):
    answer = staff.get(f"{BULK}?action=export&ids={people[0]}")
    assert answer.headers["Location"].endswith(f"/customers.csv?ids={people[0]}")
    assert len(staff.get(answer.headers["Location"]).get_data(as_text=True).strip().split("\n")) == 2


def test_clerks_adjust_but_neither_tag_nor_write(browse, inside, people):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert clerk.get(f"{BULK}?action=adjust&all=1").status_code == 200
    for action in ("tag", "message", "export"):
        assert clerk.get(f"{BULK}?action={action}&all=1").status_code == 403
    assert clerk.send(BULK, action="tag", selection="all=1", tag="A").status_code == 403
