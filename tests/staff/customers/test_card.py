"""A customer's card, and the poster to join."""

from tests import factories


def test_the_card_has_a_code_for_the_till(staff, inside):
    jane = inside(factories.make_customer, "jane@example.com", first_name="Jane <b>", phone="0712345678")
    page = staff.get(f"/staff/customers/{jane.id}/card")
    assert page.status_code == 200
    for words in ("Jane &lt;b&gt;", "+254712345678", "<svg"):
        assert words in page.text
    assert "<h1" in page.text
    assert f"/staff/customers/{jane.id}/card" in staff.get(f"/staff/customers/{jane.id}").text
    assert staff.get("/staff/customers/999999/card").status_code == 404


def test_a_number_in_another_system_comes_first(staff, inside):
    jane = inside(factories.make_customer, "jane@example.com", external_id="CARD-0042")
    pdf = staff.get(f"/staff/customers/{jane.id}/card?pdf=1")
    assert "CARD-0042" in staff.get(f"/staff/customers/{jane.id}/card").text
    assert pdf.data.startswith(b"%PDF")


def test_the_poster_leads_to_the_page_to_join_in_both_languages(staff, shop):
    page = staff.get("/staff/customers/poster").text
    for words in (f"/me/{shop.slug}/join", "Collect points with every purchase", 'lang="sw">Kusanya pointi', "<svg"):
        assert words in page
    assert "/staff/customers/poster" in staff.get("/staff/customers").text
    assert staff.get("/staff/customers/poster?pdf=1").data.startswith(b"%PDF")
