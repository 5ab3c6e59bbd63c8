"""One-time codes and mails."""

from email import message_from_bytes
from email.policy import default
from functools import cache
from pathlib import Path

from flask import Flask
from sqlalchemy import delete, select

from shop.db.session import db
from shop.db.tenant import all_tenants
from shop.db.transaction import transaction
from shop.domain.codes import code_from_nonce
from shop.models import OtpChallenge, OutboxMessage
from shop.worker.jobs.outbox import send_due_messages
from tests import factories


def newest_code(app: Flask) -> str:
    """Return the code sent last in the session's shop, derived as for its mail."""
    nonce = db.session.scalars(select(OtpChallenge.nonce).order_by(OtpChallenge.id.desc()).limit(1)).one()
    return code_from_nonce(app.config["SECRET_KEY"], nonce)


def read_mails(app: Flask) -> list[tuple[str, str, str]]:
    """Return recipient, subject and text of each mail that an application has written to its folder.

    What waits for shops of older tests is dropped: nobody reads it, and a worker's tests leave thousands.
    """
    with app.app_context():
        if factories.shops_of_test:
            with all_tenants(), transaction():
                older = OutboxMessage.shop_id < min(factories.shops_of_test)
                db.session.execute(delete(OutboxMessage).where(older))
        while send_due_messages(app.config):
            pass
    return [_read_mail(file) for file in sorted(Path(app.config["MAIL_FOLDER"]).glob("*.eml"))]


@cache
def _read_mail(file: Path) -> tuple[str, str, str]:
    """Read a mail once: the folder fills while the tests of a worker run, and its files never change."""
    mail = message_from_bytes(file.read_bytes(), policy=default)
    body = mail.get_body(("plain",))
    assert body is not None
    return str(mail["To"]), str(mail["Subject"]), body.get_content()
