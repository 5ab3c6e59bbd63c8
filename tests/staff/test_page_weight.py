"""The size of pages, and that they arrive complete."""

import gzip
import re

import pytest

from tests import factories

GZIP = {"Accept-Encoding": "gzip, deflate, br"}
PAGES = [f"/staff/{page}" for page in ("", "orders", "customers", "ledger", "ledger/days", "settings/loyalty")]
FIRST_TIME, AFTERWARDS = 200_000, 15_000


@pytest.fixture
def busy(staff, inside):
    """The owner of a shop with full lists, and the path of a customer's page."""

    def fill():
        people = [factories.make_customer(first_name=f"Wanjiku {n}", last_name="Kamau", points=n) for n in range(60)]
        for person in people:
            factories.make_order(person, 12345, payment_status="paid")
        return f"/staff/customers/{people[-1].id}"

    return inside(fill)


def test_a_page_is_light_the_first_time_and_lighter_after(staff, busy):
    for path in [*PAGES, busy]:
        page = staff.get(path, headers=GZIP)
        assert page.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in page.vary
        assert len(page.data) < AFTERWARDS, path
        first = len(page.data)
        for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', gzip.decompress(page.data).decode())):
            with staff.get(address, headers=GZIP) as file:
                first += len(file.data)
        assert first < FIRST_TIME, path


def test_a_packed_file_is_the_file_and_is_kept_as_long(client):
    path = re.search(r'href="(/static/css/tuza\.css\?v=\w+)"', client.get("/staff/sign-in").text)[1]
    with client.get(path) as plain, client.get(path, headers=GZIP) as packed:
        assert gzip.decompress(packed.data) == plain.data
        assert packed.content_length == len(packed.data) < len(plain.data) / 2
        assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"]
        assert "Content-Encoding" not in plain.headers
        assert "Accept-Encoding" in plain.vary
        etag = packed.headers["ETag"]
    with client.get(path, headers={**GZIP, "If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")
    with client.get(path, headers={**GZIP, "Range": "bytes=0-9"}) as part:
        assert (part.status_code, len(part.data)) == (206, 10)


def test_the_size_of_a_page_says_nothing_about_it(client):
    sizes = {len(client.get("/nowhere", headers=GZIP).data) for _ in range(20)}
    assert len(sizes) > 5


def test_data_and_small_answers_are_not_packed(client):
    for path in ("/healthz", "/api/v1/storefront/settings", "/static/favicon.svg"):
        with client.get(path, headers=GZIP) as answer:
            assert "Content-Encoding" not in answer.headers
