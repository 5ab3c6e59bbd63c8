"""Types of events, what they are about, and patterns of types."""

import pytest

from shop.domain.events import VERSION, EventType, Noun, check_pattern, matches


@pytest.mark.parametrize(
    ("type", "noun"),
    [
        (EventType.CUSTOMER_MERGED, Noun.MERGE),
        (EventType.CUSTOMER_UPDATED, Noun.CUSTOMER),
        (EventType.POINTS_EARNED, Noun.ENTRY),
        (EventType.ORDER_PAID, Noun.ORDER),
        (EventType.PAYMENT_NEEDS_REVIEW, Noun.PAYMENT),
    ],
)
def test_an_event_is_about_an_object(type, noun):
    assert type.noun is noun


def test_the_data_have_their_first_version():
    assert VERSION == 1


@pytest.mark.parametrize("pattern", ["order.paid", "points.*", "*"])
def test_a_pattern_is_a_type_a_prefix_or_everything(pattern):
    assert check_pattern(pattern) == pattern


@pytest.mark.parametrize(
    "pattern", ["", "order", "order.nothing", "nothing.*", "order.*.x", "**", "ord*", "order.paid*"]
)
def test_a_pattern_that_no_type_can_match_is_refused(pattern):
    with pytest.raises(ValueError, match="must be an event type"):
        check_pattern(pattern)


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*"], ["order.paid", "order.placed", "points.earned"]),
        (["order.*"], ["order.paid", "order.placed"]),
        (["points.earned", "order.placed"], ["order.placed", "points.earned"]),
        (["customer.*"], []),
        ([], []),
    ],
)
def test_types_are_found_by_patterns(patterns, found):
    assert matches(patterns, ["order.paid", "order.placed", "points.earned"]) == found
