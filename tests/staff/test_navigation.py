"""The side bar marks the page, also on the pages below it."""

import re

import pytest

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    ("address", "marked"), [("stock", "Products"), ("customers/segments", "Customers"), ("coupons/new", "Coupons")]
)
def test_the_page_above_is_marked(staff, address, marked):
    page = staff.get(f"/staff/{address}").text
    entries = re.findall(r'<a class="nav-item"[^>]*aria-current="page">(.*?)</a>', page, re.DOTALL)
    assert {re.sub("<[^>]+>", "", entry).strip() for entry in entries} == {marked}
