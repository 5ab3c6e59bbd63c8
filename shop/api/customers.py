"""Customers by the admin door (``docs/contract/api.md``, section 2)."""

from shop.api import blueprint
from shop.api.auth import actor
from shop.queries.customers.api_list import search_customers
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, list_orders
from shop.schemas.customers import (
    CustomerAnswer,
    CustomerData,
    CustomerImport,
    CustomerListAnswer,
    CustomerListQuery,
    CustomerNoteAnswer,
    CustomerNoteData,
    CustomerNoteOut,
    CustomerPassword,
    CustomerRow,
    CustomerWhole,
    ImportAnswer,
    ImportData,
    NewCustomer,
    NewCustomerNote,
    RefusedRow,
)
from shop.schemas.envelope import Message
from shop.services.customers.records import add_note, create_customer, delete_customer, get_customer
from shop.services.errors import ShopError
from shop.services.imports.customers import import_customer
from shop.services.shoppers.accounts import set_customer_password
from shop.web.endpoint import endpoint
from shop.web.json_requests import read_part

ID = "<id:customer_id>"


@blueprint.get("/customers")
@endpoint(CustomerListAnswer, tag="Customers", query=CustomerListQuery, access="api_key", reads_replica=True)
def customer_list(query: CustomerListQuery) -> CustomerListAnswer:
    """List customers

    Newest first unless sorted. The total is exact up to 10,000 matches of a search.
    """
    found = search_customers(
        search=query.search, sort=query.sort, page=query.page, limit=query.limit, cursor=query.cursor
    )
    return CustomerListAnswer.of(found, query)


@blueprint.get(f"/customers/{ID}")
@endpoint(CustomerAnswer, tag="Customers", errors=[404], access="api_key")
def customer_show(customer_id: int) -> CustomerAnswer:
    """Get a customer

    With addresses, notes, and the 50 newest orders.
    """
    return _answer(customer_id)


@blueprint.post("/customers")
@endpoint(
    CustomerAnswer, tag="Customers", body=NewCustomer, status=201, errors=[409], access="api_key", idempotent=True
)
def customer_create(body: NewCustomer) -> CustomerAnswer:
    """Add a customer

    The e-mail must be new in the shop.
    """
    customer = create_customer(
        body.email,
        first_name=body.first_name or "",
        last_name=body.last_name or "",
        phone=body.phone,
        password=body.password,
    )
    return _answer(customer.id)


def _answer(customer_id: int) -> CustomerAnswer:
    customer = get_customer(customer_id)
    orders = list_orders(OrderFilters(customer_id=customer_id, sort=NEWEST_RECORDED), limit=50).orders
    return CustomerAnswer(data=CustomerData(customer=CustomerWhole.of(customer, orders)))


@blueprint.post(f"/customers/{ID}/notes")
@endpoint(
    CustomerNoteAnswer,
    tag="Customers",
    body=NewCustomerNote,
    status=201,
    errors=[404],
    access="api_key",
    idempotent=True,
)
def customer_note_create(customer_id: int, body: NewCustomerNote) -> CustomerNoteAnswer:
    """Write a note about a customer"""
    note = add_note(customer_id, body.content, actor())
    return CustomerNoteAnswer(data=CustomerNoteData(note=CustomerNoteOut.of(note)))


@blueprint.post("/customers/import")
@endpoint(ImportAnswer, tag="Customers", body=CustomerImport, access="api_key")
def customer_import(body: CustomerImport) -> ImportAnswer:
    """Bring up to 1,000 customers over

    Each row on its own. Found by phone, else by e-mail; made when neither is known, for which an e-mail is needed. Who
    is found gets the row's names and phone, and keeps her e-mail. `loyalty_status: "active"` creates or approves a
    registration. `points_balance` becomes the first entry of an account that has none, and never changes one that
    has: the same rows again change nothing. `skipped` rows are in `errors`, by their number from 1.
    """
    refused = []
    for number, raw in enumerate(body.rows, start=1):
        try:
            import_customer(read_part(CustomerRow, raw).row, actor())
        except ShopError as error:
            refused.append(RefusedRow(row=number, identifier=_identifier(raw), error=error.message))
    data = ImportData(imported=len(body.rows) - len(refused), skipped=len(refused), errors=refused)
    return ImportAnswer(data=data)


def _identifier(raw: object) -> str:
    """What a row calls its customer: e-mail, else phone, in short."""
    known = [raw.get(name) for name in ("email", "phone")] if isinstance(raw, dict) else []
    return next((text.strip()[:254] for text in known if isinstance(text, str) and text.strip()), "")


@blueprint.put(f"/customers/{ID}/password")
@endpoint(Message, tag="Customers", body=CustomerPassword, errors=[404], access="api_key")
def customer_password_set(customer_id: int, body: CustomerPassword) -> Message:
    """Give a customer a password

    She signs in to the storefront with it; all of her sessions there end.
    """
    set_customer_password(customer_id, body.password, actor())
    return Message(message="Password updated")


@blueprint.delete(f"/customers/{ID}")
@endpoint(Message, tag="Customers", errors=[404], access="api_key")
def customer_delete(customer_id: int) -> Message:
    """Delete a customer for good

    Everything personal is removed; orders and points stay without a name.
    """
    delete_customer(customer_id, actor())
    return Message(message="Customer deleted")
