"""Accounts of shoppers by the storefront door (``docs/contract/api.md``, section 6)."""

from shop.schemas.accounts import (
    AccountAnswer,
    AccountData,
    AccountOut,
    ForgottenPassword,
    MaybeAccountAnswer,
    MaybeAccountData,
    NewAccount,
    NewPassword,
    SignIn,
)
from shop.schemas.envelope import Message
from shop.services.shoppers import accounts
from shop.services.shoppers.sessions import end_session
from shop.storefront import blueprint
from shop.storefront.session import drop, keep, policy, shopper
from shop.web.endpoint import endpoint
from shop.web.request_context import client_address

TAG = "Shoppers"


@blueprint.post("/auth/register")
@endpoint(AccountAnswer, tag=TAG, body=NewAccount, status=201, idempotent=True)
def storefront_register(body: NewAccount) -> AccountAnswer:
    """Ask for an account

    The browser is signed in at once, and a link that proves the e-mail is mailed. Until it is followed
    (`email_verified` is false) the account is empty: nothing that the shop knows of the e-mail is shown. The answer is
    the same whether or not the e-mail has an account.
    """
    account, token = accounts.register(
        body.email,
        body.password,
        first_name=body.first_name or "",
        last_name=body.last_name or "",
        phone=body.phone,
        shopper=shopper(),
        address=client_address(),
        policy=policy(),
    )
    keep(token)
    return AccountAnswer(data=AccountData(customer=AccountOut.of(account)))


@blueprint.post("/auth/login")
@endpoint(AccountAnswer, tag=TAG, body=SignIn, errors=[401])
def storefront_login(body: SignIn) -> AccountAnswer:
    """Sign in

    10 tries in 15 minutes for one account and address. Sets the session's cookie anew.
    """
    account, token = accounts.sign_in(
        body.email, body.password, shopper=shopper(), address=client_address(), policy=policy()
    )
    keep(token)
    return AccountAnswer(data=AccountData(customer=AccountOut.of(account)))


@blueprint.post("/auth/logout")
@endpoint(Message, tag=TAG, errors=[403])
def storefront_logout() -> Message:
    """Sign out

    Ends this browser's session; also fine without one.
    """
    found = shopper()
    if found is not None:
        end_session(found)
    drop()
    return Message(message="Signed out")


@blueprint.get("/auth/me")
@endpoint(MaybeAccountAnswer, tag=TAG)
def storefront_me() -> MaybeAccountAnswer:
    """See who is signed in

    `customer` is null for a guest.
    """
    account = accounts.find_account(shopper())
    return MaybeAccountAnswer(data=MaybeAccountData(customer=AccountOut.of(account) if account else None))


@blueprint.post("/auth/forgot-password")
@endpoint(Message, tag=TAG, body=ForgottenPassword)
def storefront_password_forgotten(body: ForgottenPassword) -> Message:
    """Ask for a link to choose a new password

    The answer is the same whether or not the e-mail has an account. The link is good for an hour.
    """
    accounts.request_link(body.email, address=client_address(), policy=policy())
    return Message(message="If we know that address, a link for a new password is on its way to it.")


@blueprint.post("/auth/set-password")
@endpoint(Message, tag=TAG, body=NewPassword)
def storefront_password_set(body: NewPassword) -> Message:
    """Choose a password by a mailed link

    Proves the e-mail, and ends all sessions of the person; sign in with the new password afterwards. One and the same
    refusal for a link that is unknown, used or too old.
    """
    accounts.set_password(body.token, body.password)
    return Message(message="Password set")
