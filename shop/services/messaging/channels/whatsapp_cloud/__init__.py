"""One-time codes by WhatsApp, through Meta's Cloud API."""

from shop.services.messaging.channels.whatsapp_cloud.channel import WhatsAppChannel

CHANNEL = WhatsAppChannel()
