"""Common to all pages: versioned files, the error page, formats of numbers."""

import re
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from shop.config import ROOT
from shop.domain.formats import format_amount as money
from shop.domain.formats import group_digits as grouped
from shop.domain.formats import initials, signed


def test_a_versioned_file_is_cached_for_a_year(client):
    page = client.get("/staff/sign-in").text
    address = re.search(r'href="(/static/css/tuza\.css\?v=\w+)"', page)[1]
    with client.get(address) as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("query", ["", "?v=", "?v=0000"])
def test_an_unversioned_file_is_revalidated(client, query):
    with client.get(f"/static/css/tuza.css{query}") as answer:
        assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/nothing.css?v=1", "/static/../wsgi.py", "/static/%2e%2e/wsgi.py"])
def test_what_is_no_file_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_page_of_a_list_that_is_gone_keeps_the_navigation(staff):
    gone = staff.get("/staff/customers?after=xx")
    assert gone.status_code == 400
    assert "Open the list again" in gone.text
    assert "Sign out" in gone.text


def test_a_changed_file_has_another_version(app, tmp_path, monkeypatch):
    from flask import url_for

    monkeypatch.setattr(app, "static_folder", str(tmp_path))
    file = tmp_path / "a.css"
    seen = set()
    for content in ("one", "two"):
        file.write_text(content)
        with app.test_request_context():
            seen.add(url_for("static", filename="a.css"))
    assert len(seen) == 2


def test_an_unknown_address_is_answered_with_a_page_and_a_way_back(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text
    assert 'href="/"' in answer.text
    assert answer.headers["X-Request-Id"] in answer.text


def test_the_page_for_failures_needs_no_database(staff, monkeypatch):
    def gone(*_, **__):
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("shop.staff.session.resume_session", gone)
    answer = staff.get("/staff/")
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text
    assert answer.mimetype == "text/html"


def test_pages_hold_no_inline_style_or_script_and_load_nothing_from_elsewhere(staff):
    for path in ("/staff/", "/staff/sign-in", "/nowhere", "/api/docs", "/api/docs?tag=Orders"):
        page = staff.get(path, follow_redirects=True).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//', page), path


def test_every_icon_that_a_page_shows_is_in_the_sprite():
    sprite = (ROOT / "static/vendor/icons/icons.svg").read_text()
    there = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    listed = set((ROOT / "scripts/icons.txt").read_text().split())
    assert there == listed
    for template in (ROOT / "templates").rglob("*.html"):
        used = set(re.findall(r'icon\("([a-z0-9-]+)"', template.read_text()))
        assert used <= there, template


@pytest.mark.parametrize("folder", sorted((ROOT / "static/vendor").iterdir()), ids=lambda folder: folder.name)
def test_vendored_files_name_version_and_licence(folder: Path):
    assert re.fullmatch(r"\S+ \d+\.\d+\.\d+\n", (folder / "VERSION").read_text())
    assert (folder / "LICENSE").read_text().strip()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (grouped(1234567), "1,234,567"),
        (grouped(-4200), "−4,200"),
        (signed(980), "+980"),
        (signed(-4200), "−4,200"),
        (money(240000, "KES"), "2,400.00"),
        (money(-5, "KES"), "−0.05"),
        (initials("Njeri wa Wairimu"), "NW"),
        (initials("njeri"), "N"),
        (initials("  "), "?"),
    ],
)
def test_numbers_and_names_are_written_as_people_read_them(written, expected):
    assert written == expected


def test_a_refusal_of_a_part_leaves_the_page_and_says_why_in_a_toast(staff):
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = staff.get("/staff/customers/999999999", headers=part)
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#toasts"
    assert "There is no such customer." in answer.text
    assert "<html" not in answer.text
    assert "<html" in staff.get("/staff/customers/999999999").text
