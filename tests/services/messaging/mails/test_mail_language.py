"""Mails in the shop's language: every sentence is in the catalogue, and plural forms are chosen."""

import re
from types import SimpleNamespace

import pytest

from shop.domain.text.messages import N_
from shop.services import clock
from shop.services.messaging.channels.registry import list_channels
from shop.services.messaging.mails import mail_language
from shop.services.messaging.mails.mail_composer import KINDS, compose
from shop.services.messaging.mails.mail_language import MailContext
from shop.services.messaging.mails.order_mails import EARNS
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import ShopSettings
from shop.services.staff.members import change_language
from tests import factories
from tests.support.marked import make_catalogue, unmarked, unmarked_in_page

pytestmark = pytest.mark.one_engine

ITEM = SimpleNamespace(name="Kikombe", quantity=2, price_cents=6500)
ORDER = SimpleNamespace(order_number="ORD-1", currency="KES", total_cents=13000, items=[ITEM])
EMAIL = list_channels()["email"].templates
DATA = ("Zawadi", "Kikombe", "Dukani", "Ngong", "Uji", "https://example.com/link", "KES", "ORD", "Tuza")
VALUES = {
    "subject": "",
    "sentence": "",
    "device": "",
    "advice": "",
    "hold": "",
    "groups": ("123", "456"),
    "order": ORDER,
    "order_number": "ORD-1",
    "sums": [],
    "refunded_cents": 6500,
    "is_whole": True,
    "money": "",
    "pieces": [("Kikombe", 1)],
    "moved": ["Uji"],
    "taxes": [],
    "earns": EARNS["either"],
    "note": "Uji",
    "paragraphs": ["Uji"],
    "reason": "Uji",
    "balance": "",
    "worth_cents": 100,
    "currency": "KES",
    "items": [("Kikombe", 2, 13000)],
    "products": [("Kikombe", 2, 13000)],
    "address": "https://example.com/link",
    "month": "Uji",
    "sales": SimpleNamespace(cents=13000, orders=2, average_cents=6500),
    "sales_before": SimpleNamespace(cents=6500),
    "new_customers": 2,
    "returning_customers": 1,
    "points_redeemed": 100,
    "points_cents": 100,
    "change": 2,
    "link": SimpleNamespace(
        address="https://example.com/link", life=N_("an hour"), role=N_("owner"), name="Zawadi", has_account=False
    ),
}


@pytest.fixture
def marked(tmp_path, monkeypatch):
    monkeypatch.setattr(mail_language, "TRANSLATIONS", make_catalogue(tmp_path / "marked"))
    caches = (mail_language._translations, mail_language._templates)
    for cache in caches:
        cache.cache_clear()
    yield MailContext(ShopSettings({"store_name": "Dukani"}), "secret", "sw")
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"sms_trial"}))  # which has no mail: it goes by SMS alone
@pytest.mark.parametrize("name", ["Zawadi", ""])
@pytest.mark.parametrize("flag", [True, False])
def test_every_mail_is_in_the_catalogue_as_a_whole(marked, kind, name, flag):
    shop = {"name": "Dukani", "address": "Ngong", "takes_answers": flag, "color": "#1b6a44", "logo": None}
    link = SimpleNamespace(**{**vars(VALUES["link"]), "name": name, "has_account": flag, "token": "x1"})
    points = "" if kind == "order_placed" else 5
    values = VALUES | {
        "shop": shop, "link": link, "name": name, "added": flag, "approved": flag, "is_whole": flag, "minutes": 5,
        "points": points, "storefront_url": "https://example.com/link" if flag else "",
        "pay_ways": [("Uji", "Ngong")] if flag else [], "pay_note": "Uji", "status_link": "https://example.com/link",
    }  # fmt: skip
    text, page = (marked.render(EMAIL, f"{kind}.{end}", values) for end in ("txt", "html"))
    assert unmarked(text, DATA) == []
    assert unmarked_in_page(page, DATA) == []
    assert not re.search(r"^ +[^\d ]", text, re.MULTILINE)  # only the quantities below an item are indented
    assert "× Kikombe" not in page  # a name in Arabic would turn the line around: it is in <bdi>


@pytest.mark.parametrize(("points", "text"), [(1, "Pointi 1 imeongezwa"), (2, "Pointi 2 zimeongezwa")])
def test_swahili_counts_points(points, text):
    mail = MailContext(ShopSettings({}), "secret", "sw")
    assert mail.ngettext("%(points)s point added", "%(points)s points added", points, points=points) == text


@pytest.mark.parametrize(("own", "subject"), [(None, "Barua pepe ya majaribio kutoka "), ("en", "Test e-mail from ")])
def test_the_shop_chooses_the_language_and_a_member_of_staff_their_own(app, own, subject):
    with app.app_context():
        factories.make_shop("Duka la Mama", customer_language="sw")
        member = factories.make_staff()
        change_language(member.user_id, own)
        message = ClaimedMessage(1, member.shop_id, "mail_trial", {}, member.email, 1, clock.now())
        mail = compose(message, "secret")
    assert mail.subject == f"{subject}Duka la Mama"
