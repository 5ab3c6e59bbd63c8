"""Lists on phones, which show no headings of columns: each number says what it counts."""

import re

import pytest

from tests import factories

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("products", "KES 60.00 In stock 7"),
        ("stock", "In stock 7"),
        ("orders", "KES 2,400.00"),
        ("customers", "1,790 pts"),
    ],
)
def test_a_number_has_its_unit(staff, inside, address, said):
    inside(factories.make_product, "Milk", 6000, stock=7)
    jane = inside(factories.make_customer, first_name="Jane", points=1790)
    inside(factories.make_order, jane)
    page = staff.get(f"/staff/{address}").text
    rows = re.sub("<[^>]+>", " ", "".join(re.findall("<tbody.*?</tbody>", page, re.DOTALL)))
    assert said in " ".join(rows.split())
    cells = re.findall(r"<td[^>]*phone-only[^>]*>", page)
    assert not [cell for cell in cells if 'role="none"' not in cell]  # axe-core: a cell of a table needs a heading
