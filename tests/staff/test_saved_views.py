"""Saved views of the lists: tabs that a person saves and deletes."""

import re

import pytest

LISTS = [
    ("/staff/customers", "?sort=-spent&spent_from=1000&x=1&after=1-1", "?spent_from=1000.00&sort=-spent"),
    ("/staff/orders", "?status=to_pack&payment=paid&q=SGH7&x=1", "?q=SGH7&status=to_pack&payment=paid"),
    ("/staff/products", "?stock=low&sort=name&status=nothing", "?stock=low&sort=name"),
]


@pytest.mark.parametrize(("page", "typed", "query"), LISTS)
def test_a_view_is_saved_shown_as_a_tab_and_deleted(staff, page, typed, query):
    answer = staff.send(f"{page}/views", name="  Big   spenders ", query=page + typed)
    assert (answer.status_code, answer.headers["Location"]) == (303, page + query)
    shown = staff.get(page + query).text
    assert re.search(r'title="Big spenders"[^>]* aria-current="page"', shown)
    delete = re.search(rf'action="({page}/views/\d+/delete)"', shown)[1]
    assert staff.send(delete).status_code == 303
    assert "Big spenders" not in staff.get(page, follow_redirects=True).text.split("<main")[1].split("</nav>")[0]
    assert staff.send(delete).status_code == 404


@pytest.mark.parametrize(("page", "typed", "query"), LISTS)
def test_a_view_without_a_name_keeps_the_filters(staff, page, typed, query):
    answer = staff.send(f"{page}/views", name=" ", query=page + typed)
    assert answer.status_code == 422
    assert "Enter a name" in answer.text
    assert f'value="{page}{query}"'.replace("&", "&amp;") in answer.text
