"""The explanation of an entry's points as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shop.domain.dates.days import day_of
from shop.domain.formats import group_digits
from shop.domain.loyalty.rounding import Rounding
from shop.domain.money import minor_units, plain_decimal
from shop.domain.statuses import EntryEvent
from shop.queries.ledger.customer import LedgerLine
from shop.queries.ledger.explanation import EntryExplanation
from shop.staff.ledger.entry_presenter import who
from shop.web.pages.formats import local_date, money, points_in_words, price, shop_settings

DECIMALS = Decimal("0.0001")
ROUNDING_TO_POINTS: Final[Mapping[Rounding, str]] = {Rounding.DOWN: lazy_gettext("down to whole points")}
ROUNDING_TO_CENTS: Final[Mapping[Rounding, str]] = {Rounding.DOWN: lazy_gettext("down to the cent")}
ROUNDING_OVER_REFUNDS: Final[Mapping[Rounding, str]] = {
    Rounding.DOWN: lazy_gettext("down to whole points, over all refunds together")
}


@dataclass(frozen=True, slots=True)
class Calculation:
    """A calculation up to its ``result``, and the rows below it: a term and a sentence each."""

    sum: str
    result: str
    rows: list[tuple[str, str]]


def explain(proof: EntryExplanation) -> Calculation:
    """Return the calculation of an entry and the meaning of each number in it."""
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


def _why_earned(proof: EntryExplanation, rate: Decimal) -> Calculation:
    triggers = {
        "payment_paid": _("added when the order is paid"),
        "order_completed": _("added when the order is done"),
    }
    per = _("%(points)s for each %(one)s of goods", points=_rate(rate), one=_one())
    given = triggers.get(proof.trigger or "")
    return Calculation(
        f"{money(proof.base_cents or 0)} × {_plain(rate)} = {_plain(proof.exact)} →",
        points_in_words(proof.line.points),
        [
            (_("Rule"), f"{per}, {given}" if given else per),
            (_("Base"), _base(proof)),
            (_("Rate"), _rate_in_force(proof, rate)),
            (_("Rounding"), _rounding(proof, ROUNDING_TO_POINTS)),
            (_("Limits"), _smallest(proof)),
            (_("Once only"), _("%(order)s has earned its points and can’t earn again", order=proof.line.order_number)),
        ],
    )


def _why_redeemed(proof: EntryExplanation, rate: Decimal) -> Calculation:
    percent = _plain(Decimal(proof.line.meta["max_redeem_percent"]))
    worth = _("%(amount)s off", amount=price(proof.worth_cents or 0))
    limit = _(
        "at most %(percent)s %% of %(base)s of goods (%(cap)s), and no more than the balance of %(had)s: %(most)s",
        percent=percent,
        base=price(proof.base_cents or 0),
        cap=price(proof.cap_cents or 0),
        had=points_in_words(proof.line.balance_before),
        most=points_in_words(proof.most or 0),
    )
    return Calculation(
        f"{group_digits(-proof.line.points)} ÷ {_plain(rate)} = {_plain(proof.exact)} →",
        worth,
        [
            (_("Rule"), _("%(points)s pay for %(one)s of goods", points=_rate(rate), one=_one())),
            (_("Base"), _("%(points)s, chosen by the customer", points=points_in_words(-proof.line.points))),
            (_("Rate"), _rate_in_force(proof, rate)),
            (_("Rounding"), _rounding(proof, ROUNDING_TO_CENTS)),
            (_("Limits"), limit),
            (
                _("Once only"),
                _("the customer’s code was used by %(order)s", order=proof.line.order_number),
            ),
        ],
    )


def _why_undone(proof: EntryExplanation, whole: int) -> Calculation:
    returned = proof.line.kind == "returned"
    points, before = abs(proof.line.points), proof.moved_before
    share = group_digits(whole)
    if proof.exact is not None:
        refunded, base = money(proof.refunded_cents or 0), money(proof.base_cents or 0)
        share += f" × {refunded} ÷ {base} = {_plain(proof.exact)}"
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
        rows.append((_("Before"), _("%(points)s already moved by earlier refunds", points=points_in_words(before))))
    if proof.exact is not None:
        rows.append((_("Rounding"), _rounding(proof, ROUNDING_OVER_REFUNDS)))
    if proof.shortfall:
        limit = _(
            "only %(there)s were left, %(short)s short; a balance never goes below 0",
            there=group_digits(points),
            short=group_digits(proof.shortfall),
        )
        rows.append((_("Limits"), limit))
    rows.append((_("Once only"), _("the same points of %(order)s can’t be moved twice", order=proof.line.order_number)))
    less = f" − {group_digits(before)}" if before else ""
    short = f" − {group_digits(proof.shortfall)}" if proof.shortfall else ""
    return Calculation(f"{share}{less}{short} →", points_in_words(points), rows)


def _why_settled(line: LedgerLine, missing: int) -> Calculation:
    return Calculation(
        _("%(missing)s missing →", missing=group_digits(missing)),
        points_in_words(-line.points),
        [
            (_("Rule"), _("restored points first settle points that could not be reversed earlier")),
            (_("Base"), _("%(points)s were missing before", points=points_in_words(missing))),
            (_("Once only"), _("the same points of %(order)s can’t be moved twice", order=line.order_number)),
        ],
    )


def _undone_rule(proof: EntryExplanation, returned: bool) -> str:
    if proof.exact is not None:
        amount = price(proof.refunded_cents or 0)
        return _("points are adjusted in proportion: %(amount)s of goods refunded so far", amount=amount)
    if returned:
        return _("points used on a cancelled or refunded order are restored")
    return _("points earned by a cancelled or refunded order are reversed")


def _why_adjusted(line: LedgerLine) -> Calculation:
    sign = "+" if line.points > 0 else "−"
    return Calculation(
        f"{group_digits(line.balance_before)} {sign} {group_digits(abs(line.points))} =",
        points_in_words(line.balance_after),
        [
            (_("Rule"), _("adjusted by staff, no rate and no rounding")),
            (_("By"), who(line)),
            (_("Reason"), line.note or _("removed when the customer was deleted")),
            (_("Limits"), _("a balance never goes below 0; clerks have a daily limit")),
            (_("Once only"), _("the same form can’t be submitted twice")),
        ],
    )


def _base(proof: EntryExplanation) -> str:
    goods, order = price(proof.base_cents or 0), proof.order
    discounts = order.discount_cents if order else 0
    others = order.shipping_cents + order.tax_cents if order else 0
    amounts = {"goods": goods, "discounts": price(discounts), "others": price(others)}
    words = {
        (False, False): _("%(goods)s of goods", **amounts),
        (True, False): _("%(goods)s of goods, before discounts of %(discounts)s", **amounts),
        (False, True): _("%(goods)s of goods, without %(others)s for delivery and tax", **amounts),
        (True, True): _(
            "%(goods)s of goods, before discounts of %(discounts)s, without %(others)s for delivery and tax", **amounts
        ),
    }
    return words[bool(discounts), bool(others)]


def _smallest(proof: EntryExplanation) -> str:
    smallest = proof.order.rules.min_order_subtotal_to_earn_cents if proof.order else 0
    if not smallest:
        return _("no minimum order was set")
    return _("orders of %(amount)s or more earn points", amount=price(smallest))


def _rounding(proof: EntryExplanation, words: Mapping[Rounding, str]) -> str:
    how = words[proof.rounding]
    if not proof.dropped:
        return _("%(how)s; no rounding was needed", how=how)
    return _("%(how)s; %(dropped)s rounded off", how=how, dropped=_plain(proof.dropped))


def _rate_in_force(proof: EntryExplanation, rate: Decimal) -> str:
    """Return ``10 points per KES 1.00 — rules of 3 May 2026``."""
    per = {"rate": _rate(rate), "one": _one()}
    if proof.order is None:
        return _("%(rate)s per %(one)s", **per)
    if proof.rate_since is None:
        return _("%(rate)s per %(one)s — the shop’s first rules", **per)
    day = local_date(day_of(proof.rate_since, shop_settings().values["shop_timezone"]))
    return _("%(rate)s per %(one)s — rules of %(day)s", day=day, **per)


def _rate(rate: Decimal) -> str:
    return _("1 point") if rate == 1 else _("%(rate)s points", rate=_plain(rate))


def _one() -> str:
    return price(minor_units(shop_settings().currency))


def _plain(number: Decimal | None) -> str:
    """Return a number with grouped thousands and up to four decimals; ``…`` if there were more."""
    number = number or Decimal(0)
    cut = number.quantize(DECIMALS, ROUND_DOWN)
    whole, point, rest = plain_decimal(cut).partition(".")
    return f"{int(whole):,}{point}{rest}{'' if cut == number else '…'}"
