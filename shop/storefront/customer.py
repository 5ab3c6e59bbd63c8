"""The signed-in shopper's profile, addresses, orders and points (``docs/contract/api.md``, sections 5 and 6)."""

from flask_babel import gettext

from shop.queries.loyalty.self_service import get_shopper_points
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, OrderListPage, list_orders
from shop.schemas.envelope import Message
from shop.schemas.loyalty.registrations import OwnRegistrationData, OwnRegistrationResponse, RegistrationForm
from shop.schemas.shoppers.accounts import AccountData, AccountOut, AccountResponse
from shop.schemas.shoppers.own_data import (
    OwnAddress,
    OwnAddressData,
    OwnAddressListData,
    OwnAddressListResponse,
    OwnAddressOut,
    OwnAddressResponse,
    OwnOrderData,
    OwnOrderListData,
    OwnOrderListQuery,
    OwnOrderListResponse,
    OwnOrderOut,
    OwnOrderResponse,
    OwnRegistrationOut,
    Profile,
    ShopperPointsResponse,
)
from shop.services.actors import SHOPPER
from shop.services.customers.addresses import remove_address, save_address
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from shop.services.shoppers import profile
from shop.storefront import blueprint
from shop.storefront.session import current_account, current_customer_id, signed_in_shopper
from shop.web.json_api.endpoint import endpoint

TAG = "Shoppers"
ADDRESS = "/customer/addresses/<id:address_id>"


@blueprint.get("/customer/profile")
@endpoint(AccountResponse, tag=TAG, access="shopper_session")
def storefront_profile_show() -> AccountResponse:
    """Get the shopper's profile

    Of the customer who is signed in.
    """
    return AccountResponse(data=AccountData(customer=AccountOut.of(current_account())))


@blueprint.put("/customer/profile")
@endpoint(AccountResponse, tag=TAG, body=Profile, access="shopper_session")
def storefront_profile_change(body: Profile) -> AccountResponse:
    """Update the shopper's name or phone

    Missing fields are kept. The e-mail cannot be changed here.
    """
    changed = profile.update_profile(
        signed_in_shopper(), first_name=body.first_name, last_name=body.last_name, phone=body.phone, email=body.email
    )
    return AccountResponse(data=AccountData(customer=AccountOut.of(changed)))


@blueprint.get("/customer/addresses")
@endpoint(OwnAddressListResponse, tag=TAG, access="shopper_session")
def storefront_address_list() -> OwnAddressListResponse:
    """List the shopper's addresses

    Of the customer who is signed in.
    """
    addresses = [OwnAddressOut.of(address) for address in profile.list_addresses(signed_in_shopper())]
    return OwnAddressListResponse(data=OwnAddressListData(addresses=addresses))


@blueprint.post("/customer/addresses")
@endpoint(OwnAddressResponse, tag=TAG, body=OwnAddress, status=201, access="shopper_session", idempotent=True)
def storefront_address_create(body: OwnAddress) -> OwnAddressResponse:
    """Add an address

    To the account of the customer who is signed in.
    """
    added = profile.add_address(current_customer_id(), body.given)
    return OwnAddressResponse(data=OwnAddressData(address=OwnAddressOut.of(added)))


@blueprint.put(ADDRESS)
@endpoint(OwnAddressResponse, tag=TAG, body=OwnAddress, errors=[404], access="shopper_session")
def storefront_address_change(address_id: int, body: OwnAddress) -> OwnAddressResponse:
    """Replace an address

    404 for an address of someone else.
    """
    saved = save_address(current_customer_id(), body.given, SHOPPER, address_id=address_id)
    return OwnAddressResponse(data=OwnAddressData(address=OwnAddressOut.of(saved)))


@blueprint.delete(ADDRESS)
@endpoint(Message, tag=TAG, errors=[404], access="shopper_session")
def storefront_address_delete(address_id: int) -> Message:
    """Delete an address

    404 for an address of someone else. Orders keep the address they were placed with.
    """
    remove_address(current_customer_id(), address_id, SHOPPER)
    return Message(message=gettext("Address deleted"))


@blueprint.get("/customer/orders")
@endpoint(OwnOrderListResponse, tag=TAG, query=OwnOrderListQuery, access="shopper_session")
def storefront_own_order_list(query: OwnOrderListQuery) -> OwnOrderListResponse:
    """List the shopper's orders

    Newest first.
    """
    customer = signed_in_shopper().customer_id
    filters = OrderFilters(status=query.status, customer_id=customer, sort=NEWEST_RECORDED)
    found = list_orders(filters, page=query.page, limit=query.limit) if customer is not None else OrderListPage([], 0)
    orders, total = [OwnOrderOut.of(order) for order in found.orders], found.total
    return OwnOrderListResponse(data=OwnOrderListData(orders=orders, total=total, page=query.page, limit=query.limit))


@blueprint.get("/customer/orders/<id:order_id>")
@endpoint(OwnOrderResponse, tag=TAG, errors=[404], access="shopper_session")
def storefront_own_order_show(order_id: int) -> OwnOrderResponse:
    """Get an order of the shopper

    404 for an order of someone else.
    """
    return OwnOrderResponse(
        data=OwnOrderData(order=OwnOrderOut.of(profile.get_own_order(signed_in_shopper(), order_id)))
    )


@blueprint.get("/customer/loyalty")
@endpoint(ShopperPointsResponse, tag="Storefront loyalty", access="shopper_session")
def storefront_own_loyalty() -> ShopperPointsResponse:
    """Get the shopper's points and registration

    With the newest 50 ledger entries.
    """
    return ShopperPointsResponse.of(get_shopper_points(signed_in_shopper()))


@blueprint.post("/loyalty/register")
@endpoint(
    OwnRegistrationResponse,
    tag="Storefront loyalty",
    form=RegistrationForm,
    file="id_image",
    status=201,
    errors=[409],
    access="shopper_session",
    idempotent=True,
)
def storefront_loyalty_register(form: RegistrationForm, file: bytes | None) -> OwnRegistrationResponse:
    """Register for the programme

    A form, `multipart/form-data`. Only the shop's managers and owners can see the picture. A registration that is
    pending or rejected is replaced; 409 if it is approved.
    """
    registration = register_customer(current_customer_id(), RegistrationRequest(form.full_name, form.phone, file))
    return OwnRegistrationResponse(data=OwnRegistrationData(registration=OwnRegistrationOut.of(registration)))
