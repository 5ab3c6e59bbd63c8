"""The best matches of a search among customers, orders and products."""

from dataclasses import dataclass
from typing import Final

from shop.models import Order
from shop.queries.customers.list import CustomerFilters, CustomerSummary, list_customers
from shop.queries.orders.articles import ListedArticle, search_articles
from shop.queries.orders.list import OrderFilters, browse_orders

SHOWN: Final = 5
"""Matches of each kind."""


@dataclass(frozen=True, slots=True)
class SearchResults:
    """Up to five matches of each kind, best first, as the lists of customers and orders find them."""

    customers: list[CustomerSummary]
    orders: list[Order]
    products: list[ListedArticle]


def search_shop(typed: str) -> SearchResults:
    """Return the best matches; none for a blank search."""
    if not typed.strip():
        return SearchResults([], [], [])
    return SearchResults(
        list_customers(CustomerFilters(search=typed)).rows[:SHOWN],
        browse_orders(OrderFilters(search=typed)).rows[:SHOWN],
        search_articles(typed)[:SHOWN],
    )
