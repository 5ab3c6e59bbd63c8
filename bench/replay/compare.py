"""The shop's figures compared with the expected ones, customer by customer."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bench.replay.bar import ProgressBar
from bench.replay.clerk import email_of
from bench.replay.client import ReplayClient
from bench.replay.sums import CustomerSums


@dataclass(frozen=True, slots=True)
class Difference:
    """A wrong sum; None for a missing customer."""

    email: str
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        return f"{self.email}: {self.what} must be {self.expected}, is {self.found}"


def expected_sums(customers: Mapping[int, CustomerSums]) -> dict[str, dict[str, Any]]:
    """The expected figures of each customer, by e-mail, in the words of the API."""
    return {
        email_of(household): {
            "points_balance": customer.points_balance,
            "lifetime_earned": customer.lifetime_earned,
            "total_orders": customer.total_orders,
            "total_spent": Decimal(customer.spent_cents) / 100,
        }
        for household, customer in customers.items()
    }


def read_sums(client: ReplayClient, expecting: int) -> dict[str, dict[str, Any]]:
    """The figures of each customer, by e-mail, read over HTTP."""
    bar = ProgressBar("Comparing", expecting, "customers")
    found: dict[str, dict[str, Any]] = {}
    for customer in _customers(client):
        points = client.call("points", "GET", f"/customers/{customer['id']}/loyalty")
        found[customer["email"]] = {
            "points_balance": points["points_balance"],
            "lifetime_earned": points["lifetime_earned"],
            "total_orders": customer["total_orders"],
            "total_spent": Decimal(customer["total_spent"]),
        }
        bar.show(min(len(found), expecting))
    bar.end()
    return found


def _customers(client: ReplayClient) -> Iterator[dict[str, Any]]:
    page = 1
    while True:
        answer = client.call("list", "GET", f"/customers?limit=100&page={page}")
        yield from answer["customers"]
        if page * 100 >= answer["total"]:
            return
        page += 1


def differences(expected: Mapping[str, Mapping[str, Any]], found: Mapping[str, Mapping[str, Any]]) -> list[Difference]:
    """All differences: wrong sums, missing customers, surplus customers."""
    off = []
    for email in sorted(expected.keys() | found.keys()):
        if email not in found or email not in expected:
            off.append(Difference(email, "the customer", expected.get(email), found.get(email)))
            continue
        for what, value in expected[email].items():
            if found[email].get(what) != value:
                off.append(Difference(email, what, value, found[email].get(what)))
    return off
