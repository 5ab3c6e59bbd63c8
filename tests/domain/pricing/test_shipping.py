"""Which methods serve an address, and what they cost."""

import pytest

from shop.domain.pricing.shipping import Destination, ShippingTerms, methods_for, shipping_cost


def method(name, zone=None, **rest):
    places = {"countries": ["KE"], "regions": [], "towns": []}
    return ShippingTerms(
        **{"id": 1, "type": "flat_rate", "cost_cents": 100, "free_above_cents": None}
        | places
        | rest
        | {"name": name, "zone_id": zone}
    )


NEAR = method("rider", 1, towns=["Kilimani", "Hurlingham"])
PICKUP = method("pick up", 1, towns=["Kilimani", "Hurlingham"], collection=True)
CITY = method("city", 2, regions=["Nairobi City"])
KENYA = method("coach", 3, max_weight_grams=10000)
POST = method("post", countries=[])
ALL = [POST, NEAR, PICKUP, CITY, KENYA]


@pytest.mark.parametrize(
    ("destination", "names"),
    [
        (Destination("KE", "", "Nairobi", "Argwings Kodhek Road, Hurlingham"), ["post", "rider", "pick up"]),
        (Destination("Kenya", "", "KILIMANI"), ["post", "rider", "pick up"]),
        (Destination("KE", "Nairobi County", "Westlands"), ["post", "city"]),
        (Destination("KE", "", "Nairobi"), ["post", "city"]),
        (Destination("KE", "Kisumu", "Kilimanis"), ["post", "coach"]),
        (Destination("KE"), ["post", "coach"]),
        (Destination("UG", "Nairobi"), ["post"]),
        (None, ["post", "rider", "pick up", "city", "coach"]),
    ],
)
def test_the_first_zone_that_an_address_is_in_counts(destination, names):
    assert [one.name for one in methods_for(ALL, destination, 0)] == names


def test_what_is_too_heavy_or_too_light_is_not_carried():
    assert [one.name for one in methods_for(ALL, Destination("KE"), 10000)] == ["post", "coach"]
    assert [one.name for one in methods_for(ALL, Destination("KE"), 10001)] == ["post"]
    assert not KENYA.collection
    assert methods_for([method("heavy", min_weight_grams=20000)], Destination("KE"), 19999) == []


@pytest.mark.parametrize(
    ("terms", "subtotal", "weight", "cost"),
    [
        ({}, 5000, 0, 100),
        ({"free_above_cents": 5000}, 5000, 0, 0),
        ({"free_above_cents": 5000}, 4999, 0, 100),
        ({"band_by": "weight"}, 0, 1000, 50),
        ({"band_by": "weight"}, 0, 1001, 70),
        ({"band_by": "amount"}, 1000, 9999, 50),
        ({"band_by": "amount", "free_above_cents": 900}, 1000, 0, 0),
    ],
)
def test_what_it_costs(terms, subtotal, weight, cost):
    bands = [{"up_to": 1000, "cost_cents": 50}, {"up_to": None, "cost_cents": 70}]
    assert shipping_cost(method("rider", bands=bands, **terms), subtotal, weight) == cost
