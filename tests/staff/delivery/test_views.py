"""The delivery page."""

from shop.domain.pricing.shipping import Destination
from shop.services.catalogue.shipping import quote_shipping
from shop.services.shipping.records import list_methods, list_zones
from tests import factories

PAGE = "/staff/delivery"
METHOD = {"name": "Rider", "cost": "150", "free_above": "3,000", "enabled": "y", "band_by": ""}


def offered(**place):
    return [(one.method.name, one.cost_cents) for one in quote_shipping(100_000, Destination("KE", **place))]


def test_zones_and_methods_are_added_moved_tried_and_deleted(staff, inside):
    assert "No delivery yet" in staff.get(PAGE).text
    assert staff.send(f"{PAGE}/zones/new", name="Rest of Kenya", countries="KE").status_code == 303
    near = {"name": "Kilimani and around", "countries": "Kenya", "towns": "Kilimani\nHurlingham"}
    staff.send(f"{PAGE}/zones/new", **near)
    rest, close = inside(list_zones)
    staff.send(f"{PAGE}/methods/new?zone={close.id}", **METHOD)
    bands = {"name": "Coach", "band_by": "weight", "bands": "5: 350\n500"}
    assert staff.send(f"{PAGE}/methods/new?zone={rest.id}", **METHOD | bands).status_code == 303
    assert inside(offered, city="Kilimani") == [("Coach", 35000)]
    staff.send(f"{PAGE}/move", move=f"zone-{close.id}-up")
    assert inside(offered, city="Kilimani") == [("Rider", 15000)]
    tried = staff.get(f"{PAGE}?town=Hurlingham&goods=3,000").text
    assert "Kilimani and around" in tried
    assert "Nothing: the order would be refused." not in tried
    rider, coach = inside(list_methods)
    assert 'value="150.00"' in staff.get(f"{PAGE}/methods/{rider.id}").text
    assert "5: 350.00" in staff.get(f"{PAGE}/methods/{coach.id}").text
    staff.send(f"{PAGE}/methods/{rider.id}/delete", sure="1")
    staff.send(f"{PAGE}/zones/{rest.id}/delete", sure="1")
    assert (inside(list_methods), len(inside(list_zones))) == ([], 1)


def test_errors_are_shown_at_their_field(staff, inside):
    assert (
        "Must be countries such as KE or Kenya" in staff.send(f"{PAGE}/zones/new", name="A", countries="Nowhere").text
    )
    wrong = {"cost": "1,5", "max_weight": "heavy", "lead_days_max": "soon", "band_by": "amount", "bands": "cheap"}
    answer = staff.send(f"{PAGE}/methods/new", **METHOD | wrong)
    assert answer.status_code == 422
    for words in ("Enter an amount", "Enter a weight", "Enter a whole number", "Enter one price per line"):
        assert words in answer.text
    assert inside(list_methods) == []


def test_a_method_of_the_api_keeps_its_places(staff, inside):
    method = inside(factories.make_shipping, countries=["KE", "UG"])
    assert staff.send(f"{PAGE}/methods/{method.id}", **METHOD).status_code == 303
    assert inside(list_methods)[0].countries == ["KE", "UG"]
