"""Shoppers' accounts (``docs/contract/api.md``, section 6)."""

from flask_babel import gettext

from shop.schemas.envelope import Message
from shop.schemas.shoppers.accounts import (
    AccountData,
    AccountOut,
    AccountResponse,
    ForgottenPassword,
    MaybeAccountData,
    MaybeAccountResponse,
    NewAccount,
    NewPassword,
    SignIn,
)
from shop.services.shoppers import accounts
from shop.services.shoppers.sessions import end_session
from shop.storefront import blueprint
from shop.storefront.session import account_config, clear_session_cookie, current_shopper, set_session_cookie
from shop.web.json_api.endpoint import endpoint
from shop.web.request_context import client_address

TAG = "Shoppers"


@blueprint.post("/auth/register")
@endpoint(AccountResponse, tag=TAG, body=NewAccount, status=201, idempotent=True)
def storefront_register(body: NewAccount) -> AccountResponse:
    """Create an account

    The browser is signed in at once, and a link to verify the e-mail is sent. Until it is opened (`email_verified` is
    false) the account is empty: nothing that the shop has on record for the e-mail is shown. The response is the same
    whether or not the e-mail has an account.
    """
    account, token = accounts.register(
        accounts.SignupRequest(body.email, body.password, body.first_name or "", body.last_name or "", body.phone),
        shopper=current_shopper(),
        address=client_address(),
        config=account_config(),
    )
    set_session_cookie(token)
    return AccountResponse(data=AccountData(customer=AccountOut.of(account)))


@blueprint.post("/auth/login")
@endpoint(AccountResponse, tag=TAG, body=SignIn, errors=[401])
def storefront_login(body: SignIn) -> AccountResponse:
    """Sign in

    10 attempts in 15 minutes per account and address. Sets a new session cookie.
    """
    account, token = accounts.sign_in(
        body.email, body.password, shopper=current_shopper(), address=client_address(), config=account_config()
    )
    set_session_cookie(token)
    return AccountResponse(data=AccountData(customer=AccountOut.of(account)))


@blueprint.post("/auth/logout")
@endpoint(Message, tag=TAG, errors=[403])
def storefront_logout() -> Message:
    """Sign out

    Ends this browser's session. Succeeds without one, too.
    """
    found = current_shopper()
    if found is not None:
        end_session(found)
    clear_session_cookie()
    return Message(message=gettext("Signed out"))


@blueprint.get("/auth/me")
@endpoint(MaybeAccountResponse, tag=TAG)
def storefront_me() -> MaybeAccountResponse:
    """Get the signed-in shopper

    `customer` is null for a guest.
    """
    account = accounts.find_account(current_shopper())
    return MaybeAccountResponse(data=MaybeAccountData(customer=AccountOut.of(account) if account else None))


@blueprint.post("/auth/forgot-password")
@endpoint(Message, tag=TAG, body=ForgottenPassword)
def storefront_password_forgotten(body: ForgottenPassword) -> Message:
    """Request a password reset

    A link to choose a new password is sent; it is valid for an hour. The response is the same whether or not the
    e-mail has an account.
    """
    accounts.request_link(body.email, address=client_address(), config=account_config())
    return Message(message=gettext("If this address has an account, we have sent a link for a new password."))


@blueprint.post("/auth/set-password")
@endpoint(Message, tag=TAG, body=NewPassword)
def storefront_password_set(body: NewPassword) -> Message:
    """Set a password with a mailed link

    Verifies the e-mail and ends all sessions of the account; sign in with the new password afterwards. The error is
    the same for an unknown, used or expired link.
    """
    accounts.set_password(body.token, body.password)
    return Message(message=gettext("Password set"))
