"""Links mailed to shoppers to set a password, which verify their e-mail."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import exists, select

from shop.db.session import db
from shop.domain.codes import link_token
from shop.domain.text.cleaning import greeting_name
from shop.models import Customer, ShopperLink, ShopperSignup
from shop.services import mailed_links, outbox
from shop.services.errors import InvalidInput

PATH = "/set-password"


@dataclass(frozen=True, slots=True, repr=False)
class ShopperLinkWords:
    """The texts of the mail. Without the shop's ``storefront_url``, ``address`` is None and ``token`` must be typed."""

    name: str
    address: str | None
    token: str
    life: str
    has_account: bool


def mail_link(kind: str, email: str, secret_key: str) -> None:
    """Enqueue a mail with a new link, in the caller's transaction; void earlier links of the same kind.

    The worker drops the mail if no account has the e-mail.
    """
    mailed_links.void_links(ShopperLink, ShopperLink.email == email, ShopperLink.kind == kind)
    link, nonce = mailed_links.create_link(ShopperLink, kind, email, secret_key)
    outbox.enqueue(f"shopper_{kind}", {"shopper_link_id": link.id, "nonce": nonce}, recipient=email)


def void_links(email: str) -> None:
    """Void all links mailed to an e-mail, in the caller's transaction."""
    mailed_links.void_links(ShopperLink, ShopperLink.email == email)


def check_link(token: str) -> ShopperLink:
    """Return the link of a token. Raises the same InvalidInput if it is unknown, used or expired."""
    return _valid(mailed_links.find_link(ShopperLink, token=token))


def use_link(token: str) -> str:
    """Use a link in the caller's transaction; return the e-mail it verifies. Raises as :func:`check_link`."""
    return _valid(mailed_links.use_link(ShopperLink, token=token)).email


def _valid(link: ShopperLink | None) -> ShopperLink:
    if link is None:
        raise InvalidInput.of("token", "has been used or is too old; ask for a new link", code="link_over")
    return link


def link_words(payload: dict[str, Any], storefront_url: str, secret_key: str) -> ShopperLinkWords | None:
    """Return the texts of a mailed link; None if it is expired or no account has the e-mail."""
    link = mailed_links.find_link(ShopperLink, ShopperLink.id == payload["shopper_link_id"])
    if link is None:
        return None
    customer = db.session.scalars(select(Customer).where(Customer.email == link.email)).first()
    signed_up = db.session.scalars(select(exists().where(ShopperSignup.email == link.email))).one()
    if customer is None and not signed_up:
        return None
    token = link_token(secret_key, payload["nonce"])
    return ShopperLinkWords(
        greeting_name(customer.first_name) if customer else "",
        _address(storefront_url, token),
        token,
        mailed_links.LIFE_TEXTS[link.kind],
        customer is not None and customer.password_hash is not None,
    )


def _address(storefront_url: str, token: str) -> str | None:
    if not storefront_url:
        return None
    parts = urlsplit(storefront_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + PATH, f"token={token}", ""))


def purge_links() -> int:
    """Delete a batch of expired links of the session's shops. Return how many."""
    return mailed_links.purge_links(ShopperLink)
