"""A signed-in shopper's own things by the storefront door (``docs/contract/api.md``, sections 5 and 6)."""

from shop.queries.loyalty.self_service import get_shopper_points
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, OrderListPage, list_orders
from shop.schemas.accounts import AccountAnswer, AccountData, AccountOut
from shop.schemas.envelope import Message
from shop.schemas.registrations import OwnRegistrationAnswer, OwnRegistrationData, RegistrationForm
from shop.schemas.shoppers import (
    OwnAddress,
    OwnAddressAnswer,
    OwnAddressData,
    OwnAddressListAnswer,
    OwnAddressListData,
    OwnAddressOut,
    OwnOrderAnswer,
    OwnOrderData,
    OwnOrderListAnswer,
    OwnOrderListData,
    OwnOrderListQuery,
    OwnOrderOut,
    OwnRegistrationOut,
    Profile,
    ShopperPointsAnswer,
)
from shop.services.actors import SHOPPER
from shop.services.customers.details import remove_address, save_address
from shop.services.loyalty.registrations import RegistrationRequest, register_customer
from shop.services.shoppers import profile
from shop.storefront import blueprint
from shop.storefront.session import account, customer_id, signed_in
from shop.web.endpoint import endpoint

TAG = "Shoppers"
ADDRESS = "/customer/addresses/<id:address_id>"


@blueprint.get("/customer/profile")
@endpoint(AccountAnswer, tag=TAG, access="shopper_session")
def storefront_profile_show() -> AccountAnswer:
    """Get one's own profile"""
    return AccountAnswer(data=AccountData(customer=AccountOut.of(account())))


@blueprint.put("/customer/profile")
@endpoint(AccountAnswer, tag=TAG, body=Profile, access="shopper_session")
def storefront_profile_change(body: Profile) -> AccountAnswer:
    """Change one's own name or phone

    What is left out stays as it is. The e-mail cannot be changed here.
    """
    changed = profile.update_profile(
        signed_in(), first_name=body.first_name, last_name=body.last_name, phone=body.phone, email=body.email
    )
    return AccountAnswer(data=AccountData(customer=AccountOut.of(changed)))


@blueprint.get("/customer/addresses")
@endpoint(OwnAddressListAnswer, tag=TAG, access="shopper_session")
def storefront_address_list() -> OwnAddressListAnswer:
    """List one's own addresses"""
    addresses = [OwnAddressOut.of(address) for address in profile.list_addresses(signed_in())]
    return OwnAddressListAnswer(data=OwnAddressListData(addresses=addresses))


@blueprint.post("/customer/addresses")
@endpoint(OwnAddressAnswer, tag=TAG, body=OwnAddress, status=201, access="shopper_session", idempotent=True)
def storefront_address_create(body: OwnAddress) -> OwnAddressAnswer:
    """Add an address of one's own"""
    added = profile.add_address(customer_id(), body.given)
    return OwnAddressAnswer(data=OwnAddressData(address=OwnAddressOut.of(added)))


@blueprint.put(ADDRESS)
@endpoint(OwnAddressAnswer, tag=TAG, body=OwnAddress, errors=[404], access="shopper_session")
def storefront_address_change(address_id: int, body: OwnAddress) -> OwnAddressAnswer:
    """Put another address in the place of one's own"""
    saved = save_address(customer_id(), body.given, SHOPPER, address_id=address_id)
    return OwnAddressAnswer(data=OwnAddressData(address=OwnAddressOut.of(saved)))


@blueprint.delete(ADDRESS)
@endpoint(Message, tag=TAG, errors=[404], access="shopper_session")
def storefront_address_delete(address_id: int) -> Message:
    """Remove an address of one's own"""
    remove_address(customer_id(), address_id, SHOPPER)
    return Message(message="Address deleted")


@blueprint.get("/customer/orders")
@endpoint(OwnOrderListAnswer, tag=TAG, query=OwnOrderListQuery, access="shopper_session")
def storefront_own_order_list(query: OwnOrderListQuery) -> OwnOrderListAnswer:
    """List one's own orders

    Newest first.
    """
    customer = signed_in().customer_id
    filters = OrderFilters(status=query.status, customer_id=customer, sort=NEWEST_RECORDED)
    found = list_orders(filters, page=query.page, limit=query.limit) if customer is not None else OrderListPage([], 0)
    orders, total = [OwnOrderOut.of(order) for order in found.orders], found.total
    return OwnOrderListAnswer(data=OwnOrderListData(orders=orders, total=total, page=query.page, limit=query.limit))


@blueprint.get("/customer/orders/<id:order_id>")
@endpoint(OwnOrderAnswer, tag=TAG, errors=[404], access="shopper_session")
def storefront_own_order_show(order_id: int) -> OwnOrderAnswer:
    """Get one of one's own orders"""
    return OwnOrderAnswer(data=OwnOrderData(order=OwnOrderOut.of(profile.get_own_order(signed_in(), order_id))))


@blueprint.get("/customer/loyalty")
@endpoint(ShopperPointsAnswer, tag="Storefront loyalty", access="shopper_session")
def storefront_own_loyalty() -> ShopperPointsAnswer:
    """See one's own points, and how one's registration stands

    With the newest 50 movements of points.
    """
    return ShopperPointsAnswer.of(get_shopper_points(signed_in()))


@blueprint.post("/loyalty/register")
@endpoint(
    OwnRegistrationAnswer,
    tag="Storefront loyalty",
    form=RegistrationForm,
    file="id_image",
    status=201,
    errors=[409],
    access="shopper_session",
    idempotent=True,
)
def storefront_loyalty_register(form: RegistrationForm, file: bytes | None) -> OwnRegistrationAnswer:
    """Ask to take part in the programme

    A form, `multipart/form-data`. The picture is seen by the shop's managers and owners alone. Sent again while it
    waits or after it was rejected it takes the place of the one before; 409 once approved.
    """
    registration = register_customer(customer_id(), RegistrationRequest(form.full_name, form.phone, file))
    return OwnRegistrationAnswer(data=OwnRegistrationData(registration=OwnRegistrationOut.of(registration)))
