"""Texts of ledger entries: their kind, reason and actor."""

from collections.abc import Mapping
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.money import parse_money
from shop.domain.statuses import EntryEvent
from shop.queries.ledger.customer import LedgerLine
from shop.queries.ledger.kinds import FACTS
from shop.web.pages.formats import money, points_in_words, shop_settings

KIND_WORDS: Final[Mapping[str, str]] = {facts.slug: lazy_gettext(facts.label) for facts in FACTS.values()}


class EntryPresenter:
    """Texts of ledger entries in the request's language; reusable for many entries."""

    def __init__(self) -> None:
        self._currency = shop_settings().currency
        currency = self._currency.replace("%", "%%")
        self._earned = _("Earned on goods of %(amount)s").replace("%(amount)s", f"{currency} %s")
        self._redeemed = _("%(amount)s off").replace("%(amount)s", f"{currency} %s")
        self._happened = {
            EntryEvent.CANCELLED: _("Order cancelled"),
            EntryEvent.PAYMENT_FAILED: _("Payment failed"),
            EntryEvent.REFUNDED: _("Order refunded"),
            EntryEvent.PARTLY_REFUNDED: _("Order refunded in part"),
            EntryEvent.SHORTFALL_SETTLED: _("Settled points that were missing before"),
            EntryEvent.EDITED: _("Order edited"),
            EntryEvent.UNDONE: _("Undone: marked paid or done by mistake"),
        }
        self._customer = _("Customer")

    def about(
        self,
        kind: str,
        note: str,
        event: str | None,
        subtotal: str | None,
        discount: str | None,
        shortfall: int,
    ) -> str:
        """Return the line below an entry's kind; ``subtotal`` and ``discount`` are those of its ``meta``."""
        if kind == "earned" and subtotal is not None:
            return self._earned % money(parse_money(subtotal, self._currency))
        if kind == "redeemed" and discount is not None:
            return self._redeemed % money(parse_money(discount, self._currency))
        said = self._happened[EntryEvent(event)] if event else note
        if shortfall <= 0 or not event:
            return said
        return _("%(what)s; %(points)s short", what=said, points=points_in_words(shortfall))

    def who(self, actor_kind: str, actor_label: str) -> str:
        """Return the actor's name."""
        return self._customer if actor_kind == "customer" else actor_label


def about(line: LedgerLine) -> str:
    """Return the line below an entry's kind."""
    subtotal, discount = line.meta.get("subtotal"), line.meta.get("discount")
    note = line.note or line.system_note
    return EntryPresenter().about(line.kind, note, line.event, subtotal, discount, line.shortfall)


def changed(fields: str) -> str:
    """Return the changed fields of a customer: ``first_name, phone`` → ``name, phone``."""
    words = {
        "first_name": _("name"),
        "last_name": _("name"),
        "email": _("e-mail"),
        "phone": _("phone"),
        "address": _("addresses"),
    }
    return ", ".join(dict.fromkeys(words.get(field, field) for field in fields.split(", ")))


def who(line: LedgerLine) -> str:
    """Return the actor's name."""
    return EntryPresenter().who(line.actor_kind, line.actor_label)
