"""Importing customers: each row on its own, no balance overwritten, repeated rows harmless."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import Customer, LoyaltyEntry, LoyaltyRegistration
from shop.services.loyalty.verification import verify_ledger
from tests import factories

PATH = "/customers/import"


def bring(api, *rows):
    answer = api.post(PATH, {"rows": list(rows)})
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


@pytest.fixture
def ledger(inside):
    """Return the ledger of a customer by e-mail: (type, points, note)."""

    def look(email):
        customer = db.session.scalars(select(Customer).where(Customer.email == email)).one()
        rows = (
            select(LoyaltyEntry)
            .join(LoyaltyEntry.account)
            .where(LoyaltyEntry.account.has(customer_id=customer.id))
            .order_by(LoyaltyEntry.seq)
        )
        return [(entry.kind, entry.points, entry.note) for entry in db.session.scalars(rows)]

    return lambda email: inside(look, email)


def test_new_customers_come_with_points_and_take_part(api, inside, shop, ledger):
    row = {"email": " Jane@Example.com ", "phone": "0712345678", "first_name": "Jane", "last_name": "Doe"}
    found = bring(api, row | {"loyalty_status": "Active", "points_balance": 1480})
    assert found == {"imported": 1, "skipped": 0, "new": 1, "changed": 0, "unchanged": 0, "errors": []}
    assert ledger("jane@example.com") == [("manual", 1480, "Balance brought over")]
    made = api.get("/customers?search=jane").json["data"]["customers"][0]
    assert (made["phone"], made["last_name"]) == ("+254712345678", "Doe")
    registration = inside(lambda: db.session.scalars(select(LoyaltyRegistration)).one())
    assert (registration.status, registration.full_name) == ("approved", "Jane Doe")
    assert inside(verify_ledger, shop.id).is_clean


def test_the_same_rows_again_change_nothing(api, inside, ledger):
    rows = [{"email": f"{n}@example.com", "points_balance": 100 + n, "loyalty_status": "active"} for n in range(3)]
    bring(api, *rows)
    assert bring(api, *rows) == {"imported": 3, "skipped": 0, "new": 0, "changed": 0, "unchanged": 3, "errors": []}
    assert [ledger(row["email"]) for row in rows] == [[("manual", 100 + n, "Balance brought over")] for n in range(3)]
    refused = bring(api, {"email": "1@example.com", "points_balance": 9999})
    assert (refused["imported"], refused["skipped"]) == (0, 1)
    assert refused["errors"][0]["error"] == "The balance was not set: the customer already has 101 points."
    assert len(ledger("1@example.com")) == 1, "a balance is never overwritten"


def test_a_spent_balance_is_one_too(api, inside, ledger):
    customer = inside(factories.make_customer, "jane@example.com", points=50)
    api.post("/marketing/loyalty/adjust", {"customer_id": customer.id, "points": -50, "note": "spent"})
    bring(api, {"email": "jane@example.com", "points_balance": 500})
    assert [points for _, points, _ in ledger("jane@example.com")] == [50, -50]


def test_who_is_known_is_found_by_phone_before_e_mail(api, inside):
    by_phone = inside(factories.make_customer, "phone@example.com", phone="0712345678")
    by_email = inside(factories.make_customer, "email@example.com", first_name="Old", last_name="Name")
    assert bring(api, {"phone": "+254 712 345678", "first_name": "Jane"})["imported"] == 1
    assert bring(api, {"phone": "0712345678", "email": "email@example.com", "last_name": "Doe"})["imported"] == 1
    assert bring(api, {"email": "EMAIL@example.com", "first_name": "New", "phone": "0711111111"})["imported"] == 1
    first, second = inside(factories.reload, by_phone), inside(factories.reload, by_email)
    assert (first.first_name, first.last_name, first.email) == ("Jane", "Doe", "phone@example.com")
    assert (second.first_name, second.last_name, second.phone) == ("New", "Name", "+254711111111")


def test_points_do_not_go_to_a_phone_with_another_e_mail(api, inside, ledger):
    inside(factories.make_customer, "first@example.com", phone="0712345678")
    found = bring(api, {"phone": "0712345678", "email": "second@example.com", "points_balance": 500})
    assert (found["imported"], found["skipped"], found["errors"][0]["identifier"]) == (0, 1, "second@example.com")
    assert "another e-mail" in found["errors"][0]["error"]
    assert ledger("first@example.com") == []


def test_each_row_is_independent(api, inside):
    found = bring(
        api,
        {"email": "good@example.com"},
        {"phone": "0712345678", "first_name": "Nobody yet"},
        {"email": "no e-mail"},
        {"email": "bad@example.com", "phone": "12"},
        {"email": "bad@example.com", "points_balance": -5},
        {"email": "bad@example.com", "points_balance": "many"},
        {},
        "no row",
        {"email": "also@example.com", "points_balance": 0},
    )
    assert (found["imported"], found["skipped"]) == (2, 7)
    assert [(error["row"], error["identifier"]) for error in found["errors"]] == [
        (2, "0712345678"),
        (3, "no e-mail"),
        (4, "bad@example.com"),
        (5, "bad@example.com"),
        (6, "bad@example.com"),
        (7, ""),
        (8, ""),
    ]
    emails = inside(lambda: set(db.session.scalars(select(Customer.email))))
    assert emails == {"good@example.com", "also@example.com"}


def test_a_registration_that_waits_or_was_rejected_is_approved(api, inside):
    customer = inside(factories.make_customer, "jane@example.com")
    bring(api, {"email": customer.email, "loyalty_status": "inactive"})
    assert inside(lambda: db.session.scalars(select(LoyaltyRegistration)).all()) == []
    bring(api, {"email": customer.email, "loyalty_status": "active"})
    number = inside(lambda: db.session.scalars(select(LoyaltyRegistration.id)).one())
    api.post(f"/customers/loyalty-registrations/{number}/reject", {"reason": "No."})
    bring(api, {"email": customer.email, "loyalty_status": "active"})
    kept = inside(lambda: db.session.get(LoyaltyRegistration, number))
    assert (kept.status, kept.rejection_reason) == ("approved", None)


def test_a_thousand_and_one_rows_are_too_many(api):
    assert api.post(PATH, {"rows": [{}] * 1001}).status_code == 400
    assert api.post(PATH, {"rows": []}).status_code == 400


def test_each_row_says_what_it_did(api):
    jane = {"email": "jane@example.com", "first_name": "Jane", "phone": "0712345678", "points_balance": 5}
    rows = [jane, jane, jane | {"last_name": "Doe"}, jane | {"points_balance": 6}, {"email": "x", "phone": ""}]
    found = api.post(PATH, {"rows": rows, "results": True}).json["data"]
    assert [row["verdict"] for row in found["results"]] == ["new", "unchanged", "changed", "skipped", "skipped"]
    assert "already has 5 points" in found["results"][3]["reason"]


def test_a_phone_of_another_customer_is_refused_with_the_reason(api, inside):
    inside(factories.make_customer, "jane@example.com", first_name="Jane", phone="0712345678")
    inside(factories.make_customer, "joe@example.com")
    answer = api.post("/customers", {"email": "ann@example.com", "phone": "0712 345 678"})
    assert (answer.status_code, answer.json["code"], answer.json["errors"][0]["field"]) == (409, "phone_taken", "phone")


def test_what_our_export_guards_comes_back_as_it_was(api):
    api.post("/customers", {"email": "=x@example.com", "first_name": "-Kim"})
    rows = [{"email": "'=x@example.com", "first_name": "'-Kim", "last_name": "O'Hara"}]
    found = api.post(PATH, {"rows": rows, "results": True}).json["data"]
    assert [row["verdict"] for row in found["results"]] == ["changed"]
    kept = api.get("/customers?search=kim").json["data"]["customers"]
    assert [(row["email"], row["first_name"], row["last_name"]) for row in kept] == [
        ("=x@example.com", "-Kim", "O'Hara")
    ]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(api, inside, ledger):
    inside(factories.make_customer, "jane@example.com", first_name="Jane")
    jane, joe = {"email": "jane@example.com", "points_balance": 5}, {"email": "joe@example.com", "points_balance": 7}
    said = api.post(PATH, {"rows": [jane, joe], "results": True, "dry_run": True}).json["data"]
    assert [row["verdict"] for row in said["results"]] == ["changed", "new"]
    assert (said["new"], said["changed"], said["unchanged"]) == (1, 1, 0)
    assert (ledger("jane@example.com"), api.get("/customers").json["data"]["total"]) == ([], 1)
    done = api.post(PATH, {"rows": [jane, joe], "results": True}).json["data"]
    assert done == said
