"""Customers (``docs/contract/api.md``, section 2)."""

from flask_babel import gettext

from shop.api import blueprint
from shop.api.auth import current_actor, require_permission
from shop.domain.statuses import ImportVerdict
from shop.domain.text.messages import Translatable
from shop.queries.customers.api_list import search_customers
from shop.queries.customers.list import CustomerFilters
from shop.queries.listing.times import time_from, time_until
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, list_orders
from shop.schemas.customers.imports import (
    CustomerImport,
    CustomerImportRow,
    ImportData,
    ImportResponse,
    RefusedRow,
    RowResult,
)
from shop.schemas.customers.notes import CustomerNoteData, CustomerNoteOut, CustomerNoteResponse, NewCustomerNote
from shop.schemas.customers.records import (
    CustomerChange,
    CustomerData,
    CustomerDetail,
    CustomerListQuery,
    CustomerListResponse,
    CustomerPassword,
    CustomerResponse,
    CustomerUpsert,
    NewCustomer,
)
from shop.schemas.envelope import Message
from shop.services.approvals.requests import request_rows
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.notes import add_note
from shop.services.customers.records import create_customer, get_customer, update_customer
from shop.services.customers.upsert import save_by_external_id
from shop.services.errors import ShopError
from shop.services.imports.customers import import_customer
from shop.services.imports.held import REASON as HELD_REASON
from shop.services.shoppers.accounts import set_customer_password
from shop.web.i18n import translate
from shop.web.json_api.endpoint import endpoint
from shop.web.json_api.requests import read_part

ID = "<id:customer_id>"


@blueprint.get("/customers")
@endpoint(CustomerListResponse, tag="Customers", query=CustomerListQuery, access="api_key", reads_replica=True)
def customer_list(query: CustomerListQuery) -> CustomerListResponse:
    """List customers

    Newest first unless sorted. The total is exact up to 10,000 matches of a search.
    """
    filters = CustomerFilters(
        tag=query.tag,
        external_id=query.external_id,
        created_from=time_from(query.since),
        created_until=time_until(query.until),
        updated_since=time_from(query.updated_since),
    )
    found = search_customers(
        search=query.search, filters=filters, sort=query.sort, page=query.page, limit=query.limit, cursor=query.cursor
    )
    return CustomerListResponse.of(found, query)


@blueprint.get(f"/customers/{ID}")
@endpoint(CustomerResponse, tag="Customers", errors=[404], access="api_key")
def customer_show(customer_id: int) -> CustomerResponse:
    """Get a customer

    With addresses, notes, and the 50 newest orders.
    """
    return _answer(customer_id)


@blueprint.post("/customers")
@endpoint(
    CustomerResponse, tag="Customers", body=NewCustomer, status=201, errors=[409], access="api_key", idempotent=True
)
def customer_create(body: NewCustomer) -> CustomerResponse:
    """Add a customer

    With an e-mail, a phone, or both; each must be unique in the shop. 409 names the customer who has it.
    """
    if body.password is not None:
        require_permission("customers.edit")
    return _answer(create_customer(password=body.password, actor=current_actor(), **body.given).id)


@blueprint.put("/customers")
@endpoint(CustomerResponse, tag="Customers", body=CustomerUpsert, errors=[409], access="api_key")
def customer_upsert(body: CustomerUpsert) -> CustomerResponse:
    """Add or change the customer with an external id

    A customer with the `external_id` is changed as by `PATCH`. If there is none, the customer with the `email` or the
    verified `phone` gets the id; else a customer is added. 409 if these are of another customer with an external id.
    """
    return _answer(save_by_external_id(body.external_id, body.given, current_actor()).id)


@blueprint.patch(f"/customers/{ID}")
@endpoint(CustomerResponse, tag="Customers", body=CustomerChange, errors=[404, 409], access="api_key", idempotent=True)
def customer_change(customer_id: int, body: CustomerChange) -> CustomerResponse:
    """Change a customer

    Fields that are not given stay; an empty one is removed, but not both e-mail and phone. 409 names the customer who
    has the e-mail or phone. Another e-mail or phone voids codes, links and sessions that proved the old one.
    """
    update_customer(customer_id, current_actor(), **body.given)
    return _answer(customer_id)


def _answer(customer_id: int) -> CustomerResponse:
    customer = get_customer(customer_id)
    orders = list_orders(OrderFilters(customer_id=customer_id, sort=NEWEST_RECORDED), limit=50).orders
    return CustomerResponse(data=CustomerData(customer=CustomerDetail.of(customer, orders)))


@blueprint.post(f"/customers/{ID}/notes")
@endpoint(
    CustomerNoteResponse,
    tag="Customers",
    body=NewCustomerNote,
    status=201,
    errors=[404],
    access="api_key",
    idempotent=True,
)
def customer_note_create(customer_id: int, body: NewCustomerNote) -> CustomerNoteResponse:
    """Add a note to a customer

    Notes are seen by staff only.
    """
    note = add_note(customer_id, body.content, current_actor())
    return CustomerNoteResponse(data=CustomerNoteData(note=CustomerNoteOut.of(note)))


@blueprint.post("/customers/import")
@endpoint(ImportResponse, tag="Customers", body=CustomerImport, access="api_key")
def customer_import(body: CustomerImport) -> ImportResponse:
    """Import up to 1,000 customers

    Each row on its own. Found by verified phone, else by e-mail; added if neither is known. A phone becomes verified
    only with `phone_verified`; without it, a new customer needs an e-mail. A customer who is found gets the row's names
    and phone, and keeps their e-mail. `loyalty_status: "active"` creates or approves a registration. `points_balance`
    becomes the first entry of an account that has none; a row with another balance than the account has is skipped. The
    same rows again change nothing. `skipped` rows are in `errors`, by their number from 1. With `results` the answer
    also says what each row did. With `dry_run` nothing is changed; each row is tried independently. A row whose balance
    needs a second person's approval is skipped and `held`: it is applied once someone approves it.
    """
    refused, results, held = [], [], []
    for number, raw in enumerate(body.rows, start=1):
        try:
            row = read_part(CustomerImportRow, raw, f"rows[{number - 1}].")
            verdict = import_customer(row.row, current_actor(), dry_run=body.dry_run)
            results.append(RowResult(row=number, verdict=verdict))
        except ShopError as error:
            is_held = error.code == "approval_required"
            reason = translate(Translatable(HELD_REASON) if is_held else error.message)
            verdict = ImportVerdict.HELD if is_held else ImportVerdict.SKIPPED
            refused.append(RefusedRow(row=number, identifier=_identifier(raw), error=reason))
            results.append(RowResult(row=number, verdict=verdict, reason=reason))
            held += [(number, row.cells)] if is_held else []
    if held and not body.dry_run:
        request_rows(held, current_actor())
    counts = {"imported": len(body.rows) - len(refused), "skipped": len(refused), "held": len(held)}
    counts |= {verdict: sum(row.verdict == verdict for row in results) for verdict in ("new", "changed", "unchanged")}
    data = ImportData(**counts, errors=refused, results=results if body.results else None)
    return ImportResponse(data=data)


def _identifier(raw: object) -> str:
    """Return a row's e-mail, else its phone, shortened."""
    known = [raw.get(name) for name in ("email", "phone")] if isinstance(raw, dict) else []
    return next((text.strip()[:254] for text in known if isinstance(text, str) and text.strip()), "")


@blueprint.put(f"/customers/{ID}/password")
@endpoint(Message, tag="Customers", body=CustomerPassword, errors=[404], access="api_key")
def customer_password_set(customer_id: int, body: CustomerPassword) -> Message:
    """Set a customer's password

    The customer signs in to the storefront with it. All their storefront sessions end.
    """
    set_customer_password(customer_id, body.password, current_actor())
    return Message(message=gettext("Password updated"))


@blueprint.delete(f"/customers/{ID}")
@endpoint(Message, tag="Customers", errors=[404], access="api_key")
def customer_delete(customer_id: int) -> Message:
    """Delete a customer permanently

    All personal data is removed; orders and points are kept without a name.
    """
    delete_customer(customer_id, current_actor())
    return Message(message=gettext("Customer deleted"))
