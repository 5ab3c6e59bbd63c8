"""SMS by Africa's Talking."""

from shop.services.messaging.channels.sms_africastalking.channel import SmsChannel

CHANNEL = SmsChannel()
