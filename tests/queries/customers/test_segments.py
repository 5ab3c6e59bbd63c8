"""Which customers a segment's conditions find."""

from datetime import UTC, datetime, timedelta

import pytest

from shop.domain.customers.segments import OPERATORS, Condition, SegmentRules
from shop.queries.customers.list import CustomerFilters, count_matching, list_customers
from shop.services import clock
from shop.services.customers.segments import delete_segment, list_segments, save_segment
from shop.services.errors import InvalidInput
from shop.services.privacy.consents import ConsentStatement, record_consent
from tests import factories
from tests.factories import TESTER

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


@pytest.fixture
def people(ctx):
    """Jane bought tea and bread and agreed to mails; John ordered long ago; Amina never did."""
    with clock.moved_to(NOW - timedelta(days=100)):
        john = factories.make_customer(first_name="john", birthday="1980-01-02", area="Karen")
        factories.make_order(john, 90_000)
    with clock.moved_to(NOW):
        jane = factories.make_customer(
            first_name="jane", points=500, tags=["VIP"], birthday="1990-12-01", area="Kilimani"
        )
        tea = factories.make_product("Chai", 10_000)
        factories.place(jane, [(tea, 2)])
        factories.make_order(jane, 50_000, payment_status="paid")
        record_consent(jane.id, ConsentStatement("marketing_email", True, "paper", "p1"), TESTER)
        factories.make_customer(first_name="amina")
        record_consent(john.id, ConsentStatement("marketing_email", True, "paper", "p1"), TESTER)
    with clock.moved_to(NOW + timedelta(seconds=1)):
        record_consent(john.id, ConsentStatement("marketing_email", False, "paper", "p1"), TESTER)
    return {"tea": str(tea.id)}


def found(*conditions, any_of=False):
    rules = SegmentRules(tuple(Condition.read(*one) for one in conditions), any_of)
    with clock.moved_to(NOW):
        filters = CustomerFilters(rules=rules)
        names = {row.first_name for row in list_customers(filters).rows}
        assert count_matching(filters) == len(names)
    return names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (("orders", "at_least", "2"), {"jane"}),
        (("orders", "at_most", "0"), {"amina"}),
        (("spent", "at_least", "500"), {"jane"}),
        (("spent", "at_most", "499.99"), {"john", "amina"}),
        (("points", "at_least", "500"), {"jane"}),
        (("last_order", "within_days", "30"), {"jane"}),
        (("last_order", "not_within_days", "30"), {"john"}),
        (("last_order", "before", "2026-11-01"), {"john"}),
        (("last_order", "since", "2026-11-01"), {"jane"}),
        (("last_order", "never", ""), {"amina"}),
        (("bought", "has", "TEA"), {"jane"}),
        (("bought", "has_not", "TEA"), {"john", "amina"}),
        (("member", "has", ""), set()),
        (("member", "has_not", ""), {"jane", "john", "amina"}),
        (("consent", "has", "marketing_email"), {"jane"}),
        (("consent", "has_not", "marketing_email"), {"john", "amina"}),
        (("tag", "has", "VIP"), {"jane"}),
        (("tag", "has_not", "VIP"), {"john", "amina"}),
        (("area", "is", "Karen"), {"john"}),
        (("area", "is_not", "Karen"), {"jane", "amina"}),
        (("birthday", "within_days", "5"), {"jane"}),
        (("birthday", "within_days", "40"), {"jane", "john"}),
        (("birthday", "within_days", "3650"), {"jane", "john"}),
        (("birthday", "in_month", "1"), {"john"}),
        (("added", "within_days", "1"), {"jane", "amina"}),
        (("added", "before", "2026-11-01"), {"john"}),
    ],
)
def test_a_condition_finds_its_customers(people, condition, names):
    field, operator, value = condition
    assert found((field, operator, value.replace("TEA", people["tea"]))) == names


def test_every_comparison_of_every_field_is_tested():
    tested = {(one[0], one[1]) for one, _names in test_a_condition_finds_its_customers.pytestmark[0].args[1]}
    missing = {(field, name) for field, names in OPERATORS.items() for name in names} - tested
    assert missing == {("points", "at_most"), ("added", "not_within_days"), ("added", "since")}  # as others of a kind


def test_all_conditions_hold_or_any(people):
    both = [("tag", "has", "VIP"), ("area", "is", "Karen")]
    assert found(*both) == set()
    assert found(*both, any_of=True) == {"jane", "john"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("shoe", "is", "42"),
        ("orders", "is", "2"),
        ("orders", "at_least", ""),
        ("orders", "at_least", "many"),
        ("orders", "at_least", "-1"),
        ("orders", "at_least", "1.5"),
        ("spent", "at_least", "1,5"),
        ("birthday", "in_month", "13"),
        ("last_order", "before", "1.1.26"),
        ("consent", "has", "everything"),
    ],
)
def test_a_condition_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        Condition.read(*wrong)


def test_segments_are_kept_by_name(ctx):
    rules = SegmentRules((Condition("orders", "at_least", "2"),), any_of=True)
    kept = save_segment("Regulars", rules, TESTER)
    assert SegmentRules.from_json(kept.rules) == rules
    for name in ("", "x" * 61, "Regulars"):
        with pytest.raises(InvalidInput):
            save_segment(name, rules, TESTER)
    with pytest.raises(InvalidInput):
        save_segment("Nobody", SegmentRules(), TESTER)
    save_segment("Often here", rules, TESTER, segment_id=kept.id)
    assert [one.name for one in list_segments()] == ["Often here"]
    delete_segment(kept.id, TESTER)
    assert list_segments() == []
