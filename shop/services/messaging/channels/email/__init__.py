"""E-mail by SMTP; in development without a server, as files."""

from shop.services.messaging.channels.email.channel import EmailChannel

CHANNEL = EmailChannel()
