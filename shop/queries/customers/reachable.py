"""How many of a selection may be written to."""

from sqlalchemy import func, select

from shop.db.session import db
from shop.domain.customers.privacy import ConsentKind
from shop.models import Customer
from shop.queries.customers.list import CustomerFilters, query_customers
from shop.queries.customers.segments import consent_in_force


def count_reachable(filters: CustomerFilters) -> int:
    """Return how many matching customers have an e-mail and agree to e-mails of the shop."""
    may_be_mailed = (Customer.email.is_not(None), consent_in_force(ConsentKind.MARKETING_EMAIL))
    matching = query_customers(filters).matches.conditions
    return db.session.scalars(select(func.count(Customer.id)).where(*matching, *may_be_mailed)).one()
