"""Links mailed to shoppers, to choose a password: the proof that an e-mail is theirs. Good once, for a while.

As with staff links, the token is worked out from a nonce and the secret key when the mail is written; the database
holds only its hash.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import exists, select, update

from shop.db.session import db
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_secret, link_token, new_nonce
from shop.domain.text.cleaning import greeting_name
from shop.domain.text.messages import N_
from shop.models import Customer, ShopperLink, ShopperSignup
from shop.services import clock, outbox
from shop.services.errors import InvalidInput

LIVES = {"register": timedelta(days=7), "reset": timedelta(hours=1)}
LIFE_WORDS = {"register": N_("seven days"), "reset": N_("an hour")}
PATH = "/set-password"


@dataclass(frozen=True, slots=True, repr=False)
class ShopperLinkWords:
    """What the mail says. ``address`` is None where the shop has no ``storefront_url``: then ``token`` is typed in."""

    name: str
    address: str | None
    token: str
    life: str
    has_account: bool


def mail_link(kind: str, email: str, secret_key: str) -> None:
    """Put a mail with a new link into the outbox, in the caller's transaction. Whom it goes to is settled on sending.

    Newer links of the same kind void older ones.
    """
    now, nonce = clock.now(), new_nonce()
    _void(ShopperLink.email == email, ShopperLink.kind == kind)
    link = ShopperLink(
        kind=kind,
        email=email,
        token_hash=hash_secret(link_token(secret_key, nonce)),
        expires_at=now + LIVES[kind],
        created_at=now,
    )
    db.session.add(link)
    db.session.flush()
    outbox.enqueue(f"shopper_{kind}", {"shopper_link_id": link.id, "nonce": nonce}, recipient=email)


def void_links(email: str) -> None:
    """Make all links that were mailed to an e-mail worthless, in the caller's transaction."""
    _void(ShopperLink.email == email)


def _void(*which: Any) -> None:
    db.session.execute(
        update(ShopperLink)
        .where(*which, ShopperLink.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def check_link(token: str) -> ShopperLink:
    """The link behind a token. Raises InvalidInput alike for one that is unknown, used or too old."""
    link = db.session.scalars(
        select(ShopperLink).where(
            ShopperLink.token_hash == hash_secret(token),
            ShopperLink.used_at.is_(None),
            ShopperLink.expires_at > clock.now(),
        )
    ).first()
    if link is None:
        raise _over()
    return link


def use_link(token: str) -> str:
    """Use a link up in the caller's transaction; the e-mail it proves. Raises InvalidInput as :func:`check_link`."""
    link = check_link(token)
    used = db.session.execute(
        update(ShopperLink)
        .where(ShopperLink.id == link.id, ShopperLink.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise _over()
    return link.email


def _over() -> InvalidInput:
    return InvalidInput.of("token", "has been used or is too old; ask for a new link", code="link_over")


def link_words(payload: dict[str, Any], storefront_url: str, secret_key: str) -> ShopperLinkWords | None:
    """The words of a mailed link; None once it is over, or when there is nobody whose password it could set."""
    link = db.session.scalars(
        select(ShopperLink).where(
            ShopperLink.id == payload["shopper_link_id"],
            ShopperLink.used_at.is_(None),
            ShopperLink.expires_at > clock.now(),
        )
    ).first()
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
        LIFE_WORDS[link.kind],
        customer is not None and customer.password_hash is not None,
    )


def _address(storefront_url: str, token: str) -> str | None:
    if not storefront_url:
        return None
    parts = urlsplit(storefront_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/") + PATH, f"token={token}", ""))


def purge_links() -> int:
    """Delete links of the session's shops that are too old; how many there were."""
    return purge_batch(ShopperLink, ShopperLink.expires_at < clock.now())
