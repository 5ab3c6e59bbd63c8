"""E-mail: to an SMTP server, or in development without one to files."""

from shop.services.messaging.channels.email.channel import EmailChannel

CHANNEL = EmailChannel()
