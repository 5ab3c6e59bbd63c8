"""Columns are guessed from headings as spreadsheets have them."""

from shop.domain.imports.columns import ImportField, guess_columns, map_columns, repeated_heading

FIELDS = (ImportField("phone", "Phone", ("mobile no",)), ImportField("price", "Price", ("selling price",)))


def test_signs_and_remarks_in_a_heading_do_not_count():
    headings = ["MOBILE No.", "Selling  Price (KES)", "Remarks", "Price*"]
    assert guess_columns(headings, FIELDS) == ["phone", "price", "", ""]


def test_a_mapping_names_fields_and_what_it_does_not_know():
    headings = ["Simu", " BEI ", "Bei mpya", "Maelezo"]
    mapping = {"simu": "phone", "bei": "price", "Bei Mpya": "price", "maelezo": "", "rangi": "colour"}
    assert map_columns(headings, FIELDS, mapping) == (["phone", "price", "price", ""], ["colour"])
    assert map_columns(["Rangi"], FIELDS, mapping) == ([""], ["colour"])


def test_a_heading_over_two_columns_is_found_if_it_has_a_field():
    assert repeated_heading(["Phone", "Remarks", "Remarks"], ["phone", "", ""]) is None
    assert repeated_heading(["Price", "Phone", " phone"], ["price", "phone", ""]) == "Phone"
