"""Build a mail for Flask-Mail, with its headers."""

from email.charset import QP, SHORTEST, add_charset
from email.utils import parseaddr, quote
from math import ceil

from flask_mail import Message

from shop.domain.text.cleaning import one_line
from shop.services import clock
from shop.services.messaging.channels.base import RenderedMessage

MAX_NAME = 100
"""Letters of a sender's name; mail programs show fewer."""

MAX_LINE = 78
SPECIALS = str.maketrans(dict.fromkeys('()<>@,:;".[]\\', " "))

# Flask-Mail registers UTF-8 without an encoding for bodies; lines may then be longer than the 998 bytes of RFC 5322.
add_charset("utf-8", SHORTEST, QP, "utf-8")


def build_message(mail: RenderedMessage, default_sender: str) -> Message:
    """Return the mail: text and HTML, with the shop's name and the installation's address as sender."""
    address = parseaddr(default_sender)[1]
    message = Message(
        subject=one_line(mail.subject),
        recipients=[_ascii_domain(mail.recipient)],
        body=mail.text,
        html=mail.html,
        sender=_sender(one_line(mail.sender_name)[:MAX_NAME], address),
        reply_to=_ascii_domain(mail.reply_to) if mail.reply_to else None,
        date=clock.now().timestamp(),
        extra_headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    # stable across retries, so that mail programs show it once
    message.msgId = f"<{mail.created_at:%Y%m%d%H%M%S%f}.{mail.outbox_id}@{address.rpartition('@')[2]}>"
    return message


def _sender(name: str, address: str) -> str:
    """Return the From header. A name that does not fit in one line loses its punctuation.

    Python decodes an encoded name when it folds the line, and does not quote it again (python/cpython#121284): a name
    such as ``Duka <thief@example.com>`` would become an address.
    """
    encoded = len("=?utf-8?b??=") + 4 * ceil(len(name.encode()) / 3)
    if len("From: ") + encoded + len(f" <{address}>") > MAX_LINE:
        name = one_line(name.translate(SPECIALS))
    return f'"{quote(name)}" <{address}>'


def _ascii_domain(address: str) -> str:
    """Return an address with its domain in punycode: ``jane@dükka.ke`` → ``jane@xn--dkka-0ra.ke``."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
