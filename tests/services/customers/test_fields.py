"""Tags, external ids, metadata and the shop's own fields: stored, found, merged, imported, deleted."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.models import CustomerTag
from shop.queries.customers.duplicates import find_same
from shop.queries.customers.filter_choices import list_tags
from shop.queries.customers.list import CustomerFilters, list_customers
from shop.services import clock
from shop.services.customers.custom_fields import (
    CustomFieldGiven,
    add_custom_field,
    change_custom_field,
    delete_custom_field,
    list_custom_fields,
)
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import get_customer, update_customer
from shop.services.customers.upsert import save_by_external_id
from shop.services.errors import Conflict, InvalidInput
from shop.services.imports.customers import ImportRow, import_customer
from shop.services.merging.customers import merge_customers
from shop.services.merging.undo import undo_merge
from tests import factories
from tests.factories import TESTER


def rows_of(customer_id):
    return set(db.session.scalars(select(CustomerTag.tag).where(CustomerTag.customer_id == customer_id)))


def found(**filters):
    return {row.id for row in list_customers(CustomerFilters(**filters)).rows}


def test_customers_are_found_by_tag_and_area(ctx):
    jane = factories.make_customer(tags=["Regular", "Wholesale"], area="Kilimani")
    john = factories.make_customer(tags="Regular")
    factories.make_customer()
    assert list_tags() == ["Regular", "Wholesale"]
    assert found(tag="Regular") == {jane.id, john.id}
    assert found(tag="Wholesale") == found(area="Kilimani") == {jane.id}
    assert found(tag="regular") == set()
    update_customer(jane.id, TESTER, tags=["VIP"])
    assert (found(tag="Regular"), found(tag="VIP"), rows_of(jane.id)) == ({john.id}, {jane.id}, {"VIP"})
    delete_customer(jane.id, TESTER)
    assert list_tags() == ["Regular"]


def test_nobody_is_born_after_the_shops_own_day(ctx, monkeypatch):
    jane = factories.make_customer()
    late = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)  # the next day in Nairobi
    monkeypatch.setattr(clock, "now", lambda: late)
    with pytest.raises(InvalidInput) as refused:
        update_customer(jane.id, TESTER, birthday="2026-12-02")
    assert str(refused.value.errors[0].message) == "must not be in the future"
    assert update_customer(jane.id, TESTER, birthday="2026-12-01").birthday == "2026-12-01"


def test_an_external_id_is_of_one_customer_of_the_shop(ctx):
    jane = factories.make_customer(external_id="crm-1")
    with pytest.raises(Conflict) as refused:
        factories.make_customer(external_id="crm-1")
    assert refused.value.code == "external_id_taken"
    john = factories.make_customer()
    with pytest.raises(Conflict):
        update_customer(john.id, TESTER, external_id="crm-1")
    assert update_customer(jane.id, TESTER, external_id="crm-1").external_id == "crm-1"


def test_a_customer_is_saved_by_external_id(ctx):
    made = save_by_external_id("crm-7", {"email": "amina@example.com", "area": "Ngong"}, TESTER)
    same = save_by_external_id("crm-7", {"area": "Karen"}, TESTER)
    assert (same.id, same.area, same.email) == (made.id, "Karen", "amina@example.com")
    known = factories.make_customer("known@example.com")
    assert save_by_external_id("crm-8", {"email": "known@example.com"}, TESTER).id == known.id
    with pytest.raises(Conflict):
        save_by_external_id("crm-9", {"email": "known@example.com"}, TESTER)


def test_given_keys_of_metadata_change_and_others_stay(ctx):
    jane = factories.make_customer(metadata={"card": "7", "old": "x"})
    update_customer(jane.id, TESTER, metadata={"old": "", "new": "y"})
    assert get_customer(jane.id).extra == {"card": "7", "new": "y"}
    update_customer(jane.id, TESTER, metadata={"card": None, "new": 5, "vip": False})
    assert get_customer(jane.id).extra == {"new": 5, "vip": False}
    update_customer(jane.id, TESTER, metadata=None)
    assert get_customer(jane.id).extra == {}


def test_metadata_keeps_its_limit_however_many_changes_add_to_it(ctx):
    jane = factories.make_customer(metadata={f"k{number}": number for number in range(50)})
    with pytest.raises(InvalidInput, match="at most 50 keys"):
        update_customer(jane.id, TESTER, metadata={"more": 1})
    update_customer(jane.id, TESTER, metadata={"more": 1, "k0": None})
    assert len(get_customer(jane.id).extra) == 50


def test_the_shops_own_fields_have_types(ctx):
    size = add_custom_field(CustomFieldGiven("Shirt size", "choice", ["S", "M"]), TESTER)
    assert size.key == "shirt_size"
    jane = factories.make_customer(custom_fields={"shirt_size": "m"})
    assert jane.custom_fields == {"shirt_size": "M"}
    with pytest.raises(InvalidInput) as refused:
        update_customer(jane.id, TESTER, custom_fields={"shirt_size": "XXL"})
    assert refused.value.errors[0].field == "custom_fields.shirt_size"
    with pytest.raises(InvalidInput, match="shoe"):
        update_customer(jane.id, TESTER, custom_fields={"shoe": "42"})
    change_custom_field(size.id, CustomFieldGiven("Size", "choice", ["S", "M", "L"]), TESTER)
    assert update_customer(jane.id, TESTER, custom_fields={"shirt_size": ""}).custom_fields == {}
    delete_custom_field(size.id, TESTER)
    assert list_custom_fields() == []


@pytest.mark.parametrize(
    "given",
    [
        CustomFieldGiven(""),
        CustomFieldGiven("x" * 61),
        CustomFieldGiven("Size", "colour"),
        CustomFieldGiven("Size", "choice"),
        CustomFieldGiven("Size", "text", ["S"]),
        CustomFieldGiven("estate"),
    ],
)
def test_a_field_of_the_shop_that_makes_no_sense_is_refused(ctx, given):
    add_custom_field(CustomFieldGiven("Estate"), TESTER)
    with pytest.raises(InvalidInput):
        add_custom_field(given, TESTER)


def test_names_that_are_alike_get_keys_of_their_own(ctx):
    names = ["Estate", "Estate!", "数"]
    assert [add_custom_field(CustomFieldGiven(name), TESTER).key for name in names] == ["estate", "estate_2", "field"]


def test_a_merge_joins_tags_and_its_undo_parts_them(ctx):
    jane = factories.make_customer(tags=["A", "B"], metadata={"card": "7"})
    joan = factories.make_customer(tags=["b", "C"], external_id="crm-2", area="Karen")
    merge = merge_customers(joan.id, jane.id, TESTER)
    merged = get_customer(jane.id)
    assert (merged.tags, merged.external_id, merged.area) == (["A", "B", "C"], "crm-2", "Karen")
    assert rows_of(jane.id) == {"A", "B", "C"}
    undo_merge(merge.id, TESTER)
    db.session.expire_all()
    jane, joan = get_customer(jane.id), get_customer(joan.id)
    assert (jane.tags, jane.external_id, jane.extra) == (["A", "B"], None, {"card": "7"})
    assert (joan.tags, joan.external_id, rows_of(joan.id)) == (["b", "C"], "crm-2", {"b", "C"})


def test_an_import_finds_by_external_id_and_takes_all_fields(ctx):
    jane = factories.make_customer("jane@example.com", external_id="crm-1")
    fields = {"external_id": "crm-1", "tags": "Regular; , VIP", "birthday": "1990-04-12"}
    assert import_customer(ImportRow(fields), TESTER) == "changed"
    assert import_customer(ImportRow(fields), TESTER) == "unchanged"
    db.session.expire_all()
    assert (get_customer(jane.id).tags, get_customer(jane.id).birthday) == (["Regular;", "VIP"], "1990-04-12")


def test_customers_are_found_by_partial_email_or_phone(ctx):
    jane = factories.make_customer("jane@example.com", phone="0712345678")
    update_customer(jane.id, TESTER, verified=False, phone="0712345679")
    assert [row.id for row in find_same(phone="0712 345 679")] == [jane.id]
    assert [row.id for row in find_same(email="JANE@example.com", phone="07")] == [jane.id]
    assert find_same(email="jane@", phone="0712") == []


def test_tags_and_ids_are_of_one_shop(ctx):
    factories.make_customer(tags=["Mine"], external_id="crm-1")
    factories.make_shop()
    theirs = factories.make_customer(tags=["Theirs"], external_id="crm-1")
    assert list_tags() == ["Theirs"]
    assert found(external_id="crm-1") == {theirs.id}
