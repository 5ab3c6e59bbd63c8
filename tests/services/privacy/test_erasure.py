"""Erasure on request, the list outside the database, and erasure after a restore."""

import json
import stat

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.models import Customer, PrivacyRequest
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.erasure.erasure_list import erasure_file, read_erasures
from shop.services.errors import Conflict
from shop.services.privacy.erasure import erase_for_request, repeat_erasures
from shop.services.privacy.requests import PrivacyRequestDetails, add_request, get_request
from tests import factories
from tests.factories import TESTER


def copy_of(customer):
    """Return a customer's row as a restore would insert it."""
    columns = [column.key for column in Customer.__mapper__.column_attrs if column.key != "sort_name"]
    return {name: getattr(customer, name) for name in columns}


def bring_back(row):
    with transaction() as session:
        session.add(Customer(**row))


def test_erasing_for_a_request_answers_all_open_requests_without_a_name(ctx):
    customer = factories.make_customer()
    erasure = add_request(PrivacyRequestDetails("erasure", customer.id, note="Forget me"), TESTER)
    other = add_request(PrivacyRequestDetails("access", customer.id), TESTER)
    erase_for_request(erasure.id, TESTER)
    for request in (get_request(erasure.id), get_request(other.id)):
        assert (request.state, request.customer_id, request.note, request.person) == ("done", None, "", "")
    with pytest.raises(Conflict):
        erase_for_request(erasure.id, TESTER)


def test_only_a_request_for_erasure_of_a_customer_erases(ctx):
    customer = factories.make_customer()
    with pytest.raises(Conflict):
        erase_for_request(add_request(PrivacyRequestDetails("access", customer.id), TESTER).id, TESTER)
    with pytest.raises(Conflict):
        erase_for_request(add_request(PrivacyRequestDetails("erasure", contact="a@b.example"), TESTER).id, TESTER)
    assert db.session.scalars(select(Customer.id)).all() == [customer.id]


def test_the_list_is_private_and_names_no_one(ctx):
    customer = factories.make_customer("wanjikuzza@example.com", first_name="Wanjikuzza")
    delete_customer(customer.id, TESTER)
    assert stat.S_IMODE(erasure_file().stat().st_mode) == 0o600
    line = erasure_file().read_text().splitlines()[-1]
    assert "anjikuzza" not in line
    assert json.loads(line)["customer_id"] == customer.id
    assert list(read_erasures())[-1].shop_id == ctx.id


def test_a_line_that_was_cut_off_is_passed_over(ctx):
    delete_customer(factories.make_customer().id, TESTER)
    before = list(read_erasures())
    with erasure_file().open("a") as file:
        file.write('{"erased_at": "2026\n')
    assert list(read_erasures()) == before


def test_people_restored_from_a_backup_are_erased_again_and_no_others(ctx):
    erased, stays = factories.make_customer(), factories.make_customer()
    row = copy_of(erased)
    delete_customer(erased.id, TESTER)
    bring_back(row)
    count = len(list(read_erasures()))
    assert repeat_erasures() == 1
    assert db.session.scalars(select(Customer.id)).all() == [stays.id]
    assert len(list(read_erasures())) == count
    assert repeat_erasures() == 0


def test_a_new_customer_with_the_same_id_stays(ctx):
    erased = factories.make_customer()
    row = copy_of(erased)
    delete_customer(erased.id, TESTER)
    later = row["created_at"].replace(microsecond=(row["created_at"].microsecond + 1) % 10**6)
    bring_back(row | {"created_at": later, "email": "new@example.com"})
    assert repeat_erasures() == 0
    assert db.session.scalars(select(Customer.email)).all() == ["new@example.com"]
    assert db.session.scalars(select(PrivacyRequest.id)).all() == []
