"""The length of SMS texts."""

import pytest

from shop.domain.text.sms import fit_gsm, measure


@pytest.mark.parametrize(
    ("text", "units", "segments", "is_gsm"),
    [
        ("", 0, 1, True),
        ("a" * 160, 160, 1, True),
        ("a" * 161, 161, 2, True),
        ("a" * 306, 306, 2, True),
        ("a" * 307, 307, 3, True),
        ("€" * 80, 160, 1, True),
        ("€" * 81, 162, 2, True),
        ("€" * 153, 306, 3, True),  # a segment of 153 places holds 76 of them
        ("ĩ" * 70, 70, 1, False),
        ("ĩ" * 71, 71, 2, False),
        ("ĩ" * 134, 134, 2, False),
        ("ĩ" * 135, 135, 3, False),
        ("\uffff", 1, 1, False),
        ("\U00010000", 2, 1, False),
        ("😀" * 35, 70, 1, False),
        ("😀" * 67, 134, 3, False),  # 33 of them in a segment of 67 units
    ],
)
def test_segments(text: str, units: int, segments: int, is_gsm: bool) -> None:
    length = measure(text)
    assert (length.units, length.segments, length.is_gsm) == (units, segments, is_gsm)


@pytest.mark.parametrize(
    ("text", "fitted"),
    [
        ("Don’t wait – it’s “free”…", "Don't wait - it's \"free\"..."),
        ("Wanjikũ Mwangĩ", "Wanjiku Mwangi"),
        ("Jose\u0301 Peña", "José Peña"),
        ("−4,200\u00a0points", "-4,200 points"),
        ("Karibu 😀", "Karibu 😀"),
        ("شاي", "شاي"),
        ("Ώρα", "Ώρα"),
    ],
)
def test_what_gsm_lacks_is_replaced(text: str, fitted: str) -> None:
    assert fit_gsm(text) == fitted


def test_a_text_knows_how_much_fits_its_segments() -> None:
    assert [measure("a" * count).limit for count in (160, 161, 307)] == [160, 306, 459]
    assert [measure("ĩ" * count).limit for count in (70, 71)] == [70, 134]
