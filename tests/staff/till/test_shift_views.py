"""Opening and closing the till on the page."""

import re

from tests import factories

PAGE = "/staff/till/close"


def test_the_till_is_opened_counted_and_closed(staff, browse, inside):
    assert "The till is closed" in staff.get(PAGE).text
    assert staff.send("/staff/till/open", float="x").status_code == 422
    staff.send("/staff/till/open", float="50")
    assert "Expected: 50.00" in staff.get(PAGE).text
    staff.send("/staff/till/open", float="50")
    assert "The till is open already." in staff.get(PAGE).text
    counted = {"cash": "40", "mpesa": "", "card": ""}  # none is 0, but for cash
    refused = staff.send(PAGE, **counted)
    assert refused.status_code == 422
    assert "say where the difference comes from" in refused.text
    focused = re.findall(r"<input[^>]* autofocus[^>]*>", refused.text)
    assert [re.search('name="(.*?)"', field)[1] for field in focused] == ["note"]
    for wrong in ({"card": "-1"}, {"mpesa": "x"}, {"cash": ""}):
        assert staff.send(PAGE, **counted | wrong, note="Bought airtime").status_code == 422
    staff.send(PAGE, **counted, note="Bought airtime")
    page = staff.get(PAGE).text
    for words in ("Till closed.", "Past closes", "Bought airtime", "−10.00"):
        assert words in page
    staff.send(PAGE, **counted)
    assert "The till is not open." in staff.get(PAGE).text
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert "Bought airtime" not in clerk.get(PAGE).text


def test_differences_that_cancel_out_are_shown_by_method(staff):
    staff.send("/staff/till/open", float="50")
    staff.send(PAGE, cash="40", mpesa="10", card="", note="Taken for M-Pesa")
    past = " ".join(re.sub("<.*?>", " ", staff.get(PAGE).text).split())
    assert "Cash −10.00 M-Pesa +10.00" in past
    assert "no difference" not in past
