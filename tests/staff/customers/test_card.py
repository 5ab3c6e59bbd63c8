"""A customer's card."""

from tests import factories


def test_the_card_has_a_code_for_the_till(staff, inside):
    jane = inside(factories.make_customer, "jane@example.com", first_name="Jane <b>", phone="0712345678")
    page = staff.get(f"/staff/customers/{jane.id}/card")
    assert page.status_code == 200
    for words in ("Jane &lt;b&gt;", "+254712345678", "<svg"):
        assert words in page.text
    assert f"/staff/customers/{jane.id}/card" in staff.get(f"/staff/customers/{jane.id}").text
    assert staff.get("/staff/customers/999999/card").status_code == 404


def test_a_number_in_another_system_comes_first(staff, inside):
    jane = inside(factories.make_customer, "jane@example.com", external_id="CARD-0042")
    pdf = staff.get(f"/staff/customers/{jane.id}/card?pdf=1")
    assert "CARD-0042" in staff.get(f"/staff/customers/{jane.id}/card").text
    assert pdf.data.startswith(b"%PDF")
