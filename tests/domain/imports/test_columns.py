"""Columns are guessed from headings as spreadsheets have them."""

from shop.domain.imports.columns import ImportField, guess_columns

FIELDS = (ImportField("phone", "Phone", ("mobile no",)), ImportField("price", "Price", ("selling price",)))


def test_signs_and_remarks_in_a_heading_do_not_count():
    headings = ["MOBILE No.", "Selling  Price (KES)", "Remarks", "Price*"]
    assert guess_columns(headings, FIELDS) == ["phone", "price", "", ""]
