"""Countries and the phone of a note, in the language of the reader."""

import pytest
from flask_babel import force_locale

from shop.web.pages.address_texts import country_name, customer_note

STORED = ("KE", "DE", "Germany", "Ujerumani", "Niger", "Wakanda", "")


@pytest.mark.parametrize(
    ("language", "names", "note"),
    [
        ("en", ["Kenya", "Germany", "Germany", "Germany", "Niger", "Wakanda", ""], "Phone: 0722 5"),
        ("sw", ["Kenya", "Ujerumani", "Ujerumani", "Ujerumani", "Niger", "Wakanda", ""], "Simu: 0722 5"),
    ],
)
def test_a_country_and_the_phone_of_a_note_are_in_the_language_of_the_reader(app, language, names, note):
    with app.test_request_context(), force_locale(language):
        assert [country_name(stored) for stored in STORED] == names
        assert customer_note("Ring twice.\nPhone: 0722 5") == f"Ring twice.\n{note}"
        assert [customer_note(said) for said in ("Phone: 0722 5", "Ring.", "")] == [note, "Ring.", ""]
