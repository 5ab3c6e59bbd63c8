"""Members found at the till by phone, card, e-mail, or the beginning of a name: always along an index."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, select

from shop.db.session import db
from shop.domain.customers.contact import full_name, phones_beginning
from shop.domain.text.search import normalize_search, search_words
from shop.models import Customer
from shop.queries.customers.search import Fragments, find_customer_ids
from shop.queries.customers.spelling import correct_search
from shop.services.customers.records import clean_email, clean_phone, not_found
from shop.services.errors import InvalidInput
from shop.services.shops.settings import get_settings

SHOWN: Final = 6
_LAST: Final = "\U0010ffff"
DIGITS: Final = re.compile(r"[0-9]{3,20}")


class TillMember(NamedTuple):
    """A customer as the till shows them."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    phone: str | None
    phone_verified_at: datetime | None
    points_balance: int

    @property
    def full_name(self) -> str:
        """First and last name, else e-mail, else phone."""
        return full_name(self.first_name, self.last_name, self.email, self.phone)


class FoundMembers(NamedTuple):
    """Up to six members. ``is_certain``: exactly one, by a verified phone, the card, or the e-mail.

    ``phone`` is what was typed in E.164 if it is a complete phone number, with which a person can join.
    """

    members: list[TillMember]
    phone: str | None
    is_certain: bool


_MEMBERS: Final = select(*(getattr(Customer, name) for name in TillMember._fields))


def find_members(typed: str) -> FoundMembers:
    """Return the members that match what was typed or scanned; none for a blank text."""
    typed = " ".join(typed.split())
    if not typed:
        return FoundMembers([], None, is_certain=False)
    phone = _read(clean_phone, typed)
    for condition in _certain(typed, phone):
        found = _select(_MEMBERS.where(condition).limit(1))
        if found:
            return FoundMembers(found, phone, is_certain=True)
    if phone is not None:
        return FoundMembers(_select(_MEMBERS.where(Customer.phone == phone).limit(SHOWN)), phone, is_certain=False)
    found = _similar(typed)
    if not found and (meant := correct_search(typed)):
        found = _similar(meant)
    return FoundMembers(found, None, is_certain=False)


def get_member(customer_id: int) -> TillMember:
    """Return a member. Raise NotFound."""
    found = _select(_MEMBERS.where(Customer.id == customer_id))
    if not found:
        raise not_found(customer_id)
    return found[0]


def _certain(typed: str, phone: str | None) -> Iterable[ColumnElement[bool]]:
    """Return what one customer of a shop has alone; the card's number is their id in another system."""
    yield Customer.external_id == typed
    if phone is not None:
        yield (Customer.phone == phone) & Customer.phone_verified_at.is_not(None)
    email = _read(clean_email, typed) if "@" in typed else None
    if email is not None:
        yield Customer.email == email


def _read(clean: Any, typed: str) -> str | None:
    try:
        found: str = clean(typed)
    except InvalidInput:
        return None
    return found


def _similar(typed: str) -> list[TillMember]:
    """Return those whose name begins as typed, by name; then those whose phone does, then those with such words."""
    start = f" {normalize_search(typed)}"
    by_name = _MEMBERS.where(Customer.sort_name >= start, Customer.sort_name < start + _LAST)
    found = _select(by_name.order_by(Customer.sort_name, Customer.id).limit(SHOWN)) if start.strip() else []
    words = search_words(typed)
    if len(found) < SHOWN and len(words) == 1 and DIGITS.fullmatch(words[0]):
        first, after = phones_beginning(words[0], get_settings().country)
        begun = _MEMBERS.where(Customer.phone >= first, Customer.phone < after).order_by(Customer.phone)
        found = (found + [member for member in _select(begun.limit(SHOWN)) if member not in found])[:SHOWN]
    if len(found) == SHOWN or not words or min(map(len, words)) < 2:
        return found
    known = {member.id for member in found}
    ids = set(find_customer_ids(Fragments(tuple(f" {word}" for word in words)), SHOWN)) - known
    others = _select(_MEMBERS.where(Customer.id.in_(ids)).order_by(Customer.sort_name, Customer.id)) if ids else []
    return (found + others)[:SHOWN]


def _select(statement: Select[Any]) -> list[TillMember]:
    return [TillMember._make(row) for row in db.session.execute(statement)]
