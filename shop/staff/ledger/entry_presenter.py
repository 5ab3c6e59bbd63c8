"""What an entry of the ledger is called, and why its number is what it is, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from shop.domain.days import day_of
from shop.domain.money import parse_money, plain_decimal
from shop.domain.rounding import Rounding
from shop.domain.statuses import EntryEvent
from shop.queries.ledger.customer import LedgerLine
from shop.queries.ledger.explanation import EntryExplanation
from shop.queries.ledger.kinds import FACTS
from shop.staff.formats import date_in_words, grouped, money, shop_settings

KIND_WORDS: Final[Mapping[str, str]] = {facts.slug: lazy_gettext(facts.label) for facts in FACTS.values()}
ROUNDING_TO_POINTS: Final[Mapping[Rounding, str]] = {Rounding.DOWN: lazy_gettext("down to whole points")}
ROUNDING_TO_CENTS: Final[Mapping[Rounding, str]] = {Rounding.DOWN: lazy_gettext("down to the cent")}
ROUNDING_OVER_REFUNDS: Final[Mapping[Rounding, str]] = {
    Rounding.DOWN: lazy_gettext("down to whole points, over all refunds together")
}
DECIMALS = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Why:
    """A sum up to its ``result``, and the rows below it: a word and a sentence each."""

    sum: str
    result: str
    rows: list[tuple[str, str]]


class Sayings:
    """What is said beside entries, in the words of the request's language; made once for any number of entries."""

    def __init__(self) -> None:
        currency = shop_settings().currency.replace("%", "%%")
        self._earned = _("Earned on goods of %(amount)s").replace("%(amount)s", f"{currency} %s")
        self._redeemed = _("%(amount)s off").replace("%(amount)s", f"{currency} %s")
        self._happened = {
            EntryEvent.CANCELLED: _("Order cancelled"),
            EntryEvent.PAYMENT_FAILED: _("Payment failed"),
            EntryEvent.REFUNDED: _("Order refunded"),
            EntryEvent.PARTLY_REFUNDED: _("Order refunded in part"),
            EntryEvent.SHORTFALL_SETTLED: _("Settled points that were missing before"),
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
            return self._earned % _in_full(subtotal)
        if kind == "redeemed" and discount is not None:
            return self._redeemed % _in_full(discount)
        said = self._happened[EntryEvent(event)] if event else note
        if shortfall <= 0 or not event:
            return said
        return _("%(what)s; %(points)s short", what=said, points=points_in_words(shortfall))

    def who(self, actor_kind: str, actor_label: str) -> str:
        """Who did it."""
        return self._customer if actor_kind == "customer" else actor_label


def _in_full(amount: str) -> str:
    """``1234.50``, as amounts are kept, the way pages write it."""
    whole, _point, hundredths = amount.partition(".")
    if whole.isdecimal() and len(hundredths) == 2:
        return f"{int(whole):,}.{hundredths}"
    return money(parse_money(amount))


def about(line: LedgerLine) -> str:
    """The line below an entry's kind."""
    subtotal, discount = line.meta.get("subtotal"), line.meta.get("discount")
    return Sayings().about(line.kind, line.note or line.system_note, line.event, subtotal, discount, line.shortfall)


def changed(fields: str) -> str:
    """What a change of a customer was about: ``first_name, phone`` → ``name, phone``."""
    words = {
        "first_name": _("name"),
        "last_name": _("name"),
        "email": _("e-mail"),
        "phone": _("phone"),
        "address": _("addresses"),
    }
    return ", ".join(dict.fromkeys(words.get(field, field) for field in fields.split(", ")))


def who(line: LedgerLine) -> str:
    """Who did it."""
    return Sayings().who(line.actor_kind, line.actor_label)


def why(proof: EntryExplanation) -> Why:
    """The sum behind an entry and what each number in it is."""
    line = proof.line
    if line.kind == "earned" and proof.rate is not None:
        return _why_earned(proof, proof.rate)
    if line.kind == "redeemed" and proof.rate is not None:
        return _why_redeemed(proof, proof.rate)
    if line.event == EntryEvent.SHORTFALL_SETTLED and proof.whole is not None:
        return _why_settled(line, proof.whole)
    if line.kind in {"returned", "taken"} and proof.whole is not None:
        return _why_undone(proof, proof.whole)
    return _why_adjusted(line)


def _why_earned(proof: EntryExplanation, rate: Decimal) -> Why:
    triggers = {
        "payment_paid": _("given when payment is marked paid"),
        "order_completed": _("given when the order is completed"),
    }
    per = _("%(points)s for each %(one)s of goods", points=_rate(rate), one=_one())
    given = triggers.get(proof.trigger or "")
    return Why(
        f"{money(proof.base_cents or 0)} × {_plain(rate)} = {_plain(proof.exact)} →",
        points_in_words(proof.line.points),
        [
            (_("Rule"), f"{per}, {given}" if given else per),
            (_("Base"), _base(proof)),
            (_("Rate"), _("%(rate)s per %(one)s", rate=_rate(rate), one=_one()) + _since(proof)),
            (_("Rounding"), _rounding(proof, ROUNDING_TO_POINTS)),
            (_("Limits"), _smallest(proof)),
            (_("Only once"), _("%(order)s has earned now and can never earn again", order=proof.line.order_number)),
        ],
    )


def _why_redeemed(proof: EntryExplanation, rate: Decimal) -> Why:
    percent = _plain(Decimal(proof.line.meta["max_redeem_percent"]))
    worth = _("%(amount)s off", amount=_money(proof.worth_cents or 0))
    limit = _(
        "at most %(percent)s %% of %(base)s of goods, %(cap)s, and no more than the %(had)s there were: %(most)s",
        percent=percent,
        base=_money(proof.base_cents or 0),
        cap=_money(proof.cap_cents or 0),
        had=points_in_words(proof.line.balance_before),
        most=points_in_words(proof.most or 0),
    )
    return Why(
        f"{grouped(-proof.line.points)} ÷ {_plain(rate)} = {_plain(proof.exact)} →",
        worth,
        [
            (_("Rule"), _("%(points)s pay for %(one)s of goods", points=_rate(rate), one=_one())),
            (_("Base"), _("%(points)s, as the customer chose", points=points_in_words(-proof.line.points))),
            (_("Rate"), _("%(rate)s per %(one)s", rate=_rate(rate), one=_one()) + _since(proof)),
            (_("Rounding"), _rounding(proof, ROUNDING_TO_CENTS)),
            (_("Limits"), limit),
            (_("Only once"), _("the customer’s code was used up by %(order)s", order=proof.line.order_number)),
        ],
    )


def _why_undone(proof: EntryExplanation, whole: int) -> Why:
    returned = proof.line.kind == "returned"
    points, before = abs(proof.line.points), proof.moved_before
    share = grouped(whole)
    if proof.exact is not None:
        share += f" × {money(proof.refunded_cents or 0)} ÷ {money(proof.base_cents or 0)} = {_plain(proof.exact)}"
    rows = [
        (_("Rule"), _undone_rule(proof, returned)),
        (
            _("Base"),
            _("%(points)s used on %(order)s", points=points_in_words(whole), order=proof.line.order_number)
            if returned
            else _("%(points)s earned by %(order)s", points=points_in_words(whole), order=proof.line.order_number),
        ),
    ]
    if before:
        rows.append((_("Before"), _("%(points)s were moved by earlier refunds", points=points_in_words(before))))
    if proof.exact is not None:
        rows.append((_("Rounding"), _rounding(proof, ROUNDING_OVER_REFUNDS)))
    if proof.shortfall:
        missing = _("only %(there)s were left, %(short)s short", there=grouped(points), short=grouped(proof.shortfall))
        rows.append((_("Limits"), missing + _("; a balance never goes below 0")))
    rows.append((_("Only once"), _("the same points of %(order)s can never move again", order=proof.line.order_number)))
    less = f" − {grouped(before)}" if before else ""
    short = f" − {grouped(proof.shortfall)}" if proof.shortfall else ""
    return Why(f"{share}{less}{short} →", points_in_words(points), rows)


def _why_settled(line: LedgerLine, missing: int) -> Why:
    return Why(
        _("%(missing)s missing →", missing=grouped(missing)),
        points_in_words(-line.points),
        [
            (_("Rule"), _("points given back first settle points that were missing when an earlier order was undone")),
            (_("Base"), _("%(points)s were missing before", points=points_in_words(missing))),
            (_("Only once"), _("the same points of %(order)s can never move again", order=line.order_number)),
        ],
    )


def _undone_rule(proof: EntryExplanation, returned: bool) -> str:
    if proof.exact is not None:
        amount = _money(proof.refunded_cents or 0)
        return _("points follow the money: %(amount)s of the goods were refunded so far", amount=amount)
    if returned:
        return _("points used on an order that is undone come back")
    return _("points earned by an order that is undone are taken back")


def _why_adjusted(line: LedgerLine) -> Why:
    sign = "+" if line.points > 0 else "−"
    return Why(
        f"{grouped(line.balance_before)} {sign} {grouped(abs(line.points))} =",
        points_in_words(line.balance_after),
        [
            (_("Rule"), _("adjusted by hand, no rate and no rounding")),
            (_("By"), who(line)),
            (_("Reason"), line.note or _("removed with the customer’s name")),
            (_("Limits"), _("a balance never goes below 0; clerks have a daily limit")),
            (_("Only once"), _("the form that was sent cannot be sent again")),
        ],
    )


def _base(proof: EntryExplanation) -> str:
    said = _("%(amount)s of goods", amount=_money(proof.base_cents or 0))
    order = proof.order
    if order is None:
        return said
    if order.discount_cents:
        said += _(", before the %(amount)s of discounts", amount=_money(order.discount_cents))
    others = order.shipping_cents + order.tax_cents
    if others:
        said += _("; %(amount)s of delivery and tax not counted", amount=_money(others))
    return said


def _smallest(proof: EntryExplanation) -> str:
    smallest = proof.order.rules.min_order_subtotal_to_earn_cents if proof.order else 0
    if not smallest:
        return _("no smallest order was set")
    return _("orders of %(amount)s and more earn", amount=_money(smallest))


def _rounding(proof: EntryExplanation, words: Mapping[Rounding, str]) -> str:
    how = words[proof.rounding]
    if not proof.dropped:
        return _("%(how)s; there was nothing to drop", how=how)
    return _("%(how)s, %(dropped)s dropped", how=how, dropped=_plain(proof.dropped))


def _since(proof: EntryExplanation) -> str:
    if proof.order is None:
        return ""
    if proof.rate_since is None:
        return _(" — as set from the start")
    day = day_of(proof.rate_since, shop_settings().values["shop_timezone"])
    return _(" — rules of %(day)s", day=date_in_words(day))


def points_in_words(points: int) -> str:
    """``1,480 points``, ``1 point``."""
    return ngettext("%(grouped)s point", "%(grouped)s points", points, grouped=grouped(points))


def _rate(rate: Decimal) -> str:
    return _("1 point") if rate == 1 else _("%(rate)s points", rate=_plain(rate))


def _one() -> str:
    return f"{shop_settings().currency} 1.00"


def _money(cents: int) -> str:
    return f"{shop_settings().currency} {money(cents)}"


def _plain(number: Decimal | None) -> str:
    """A number with its thousands grouped and at most four decimals; ``…`` when there were more."""
    number = number or Decimal(0)
    cut = number.quantize(DECIMALS, ROUND_DOWN)
    whole, point, rest = plain_decimal(cut).partition(".")
    return f"{int(whole):,}{point}{rest}{'' if cut == number else '…'}"
