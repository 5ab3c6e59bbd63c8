"""Links in mails: each works once, for a limited time. The database has only the hash of its token.

As with one-time codes, the token is derived from a nonce and the secret key when the mail is written.
"""

from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select, update

from shop.db.session import db
from shop.db.upsert import purge_batch
from shop.domain.codes import hash_secret, link_token, new_nonce
from shop.domain.text.messages import N_
from shop.models.base import MailedLink
from shop.services import clock

LIVES = {"reset": timedelta(hours=1), "register": timedelta(days=7), "invite": timedelta(days=7)}
LIFE_TEXTS = {"reset": N_("an hour"), "register": N_("seven days"), "invite": N_("seven days")}

Link = TypeVar("Link", bound=MailedLink)


def create_link(model: type[Link], kind: str, email: str, secret_key: str, **columns: Any) -> tuple[Link, str]:
    """Add a link in the caller's transaction. Return it and the nonce from which the mail derives its token."""
    now, nonce = clock.now(), new_nonce()
    link = model(
        kind=kind,
        email=email,
        token_hash=hash_secret(link_token(secret_key, nonce)),
        expires_at=now + LIVES[kind],
        created_at=now,
        **columns,
    )
    db.session.add(link)
    db.session.flush()
    return link, nonce


def find_link(model: type[Link], *which: ColumnElement[bool], token: str | None = None) -> Link | None:
    """Return the first link that can still be used, of a token or of other conditions."""
    statement = select(model).where(*which, model.used_at.is_(None), model.expires_at > clock.now())
    if token is not None:
        statement = statement.where(model.token_hash == hash_secret(token))
    return db.session.scalars(statement).first()


def use_link(model: type[Link], *which: ColumnElement[bool], token: str) -> Link | None:
    """Return the link of a token and mark it used, in the caller's transaction; None if it cannot be used any more."""
    link = find_link(model, *which, token=token)
    return link if link is not None and void_links(model, model.id == link.id) else None


def void_links(model: type[MailedLink], *which: ColumnElement[bool]) -> int:
    """Void the unused links that meet all conditions, in the caller's transaction. Return how many."""
    statement = update(model).where(*which, model.used_at.is_(None)).values(used_at=clock.now())
    voided: int = db.session.execute(statement).rowcount  # type: ignore[attr-defined]
    return voided


def purge_links(model: type[MailedLink], *which: ColumnElement[bool]) -> int:
    """Delete a batch of expired links. Return how many."""
    return purge_batch(model, *which, model.expires_at < clock.now())
