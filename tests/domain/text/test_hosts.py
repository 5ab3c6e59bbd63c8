"""Host names outside ASCII are stored in punycode and shown in Unicode."""

import pytest

from shop.domain.text.hosts import ascii_host, ascii_url, readable_host, readable_url


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [
        ("https://DÜKKA.ke", "https://xn--dkka-0ra.ke", "https://dükka.ke"),
        ("https://faß.de/?q=ß", "https://xn--fa-hia.de/?q=%C3%9F", "https://faß.de/?q=%C3%9F"),
        ("http://example.com/a b", "http://example.com/a b", "http://example.com/a b"),
    ],
)
def test_a_url(typed, stored, shown):
    assert ascii_url(typed) == stored
    assert readable_url(stored) == shown


def test_a_host_of_full_width_letters():
    assert ascii_host("ｄükka.ke") == "xn--dkka-0ra.ke"


def test_a_host_that_is_no_punycode_is_shown_as_it_is():
    assert readable_host("xn--zz-.example") == "xn--zz-.example"
