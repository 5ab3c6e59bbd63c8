"""Database models, one file a noun: columns, constraints and relationships."""

from shop.models.approval import ApprovalRequest
from shop.models.audit import AuditEntry
from shop.models.backup_run import BackupRun
from shop.models.base import Base, ShopOwned
from shop.models.catalogue.bulk import ProductBulkAction
from shop.models.catalogue.category import Category, ProductCategory
from shop.models.catalogue.coupon import Coupon
from shop.models.catalogue.payment_method import PaymentMethod
from shop.models.catalogue.product import Product, ProductImage, ProductTag, Variant
from shop.models.catalogue.shipping_method import ShippingMethod
from shop.models.catalogue.shipping_zone import ShippingZone
from shop.models.catalogue.stock import Branch, StockMovement
from shop.models.catalogue.tax_class import TaxClass
from shop.models.customers.custom_field import CustomField
from shop.models.customers.customer import Address, Customer, CustomerCountBucket, CustomerNote, CustomerTag
from shop.models.customers.merge import CustomerMerge
from shop.models.customers.segment import BulkAction, Segment
from shop.models.events import Event, EventCounter
from shop.models.idempotency import IdempotencyRecord
from shop.models.imports import Import, ImportFilePart, ImportKey, ImportLine
from shop.models.loyalty.account import LoyaltyAccount, LoyaltyEntry, LoyaltyEntryNote, LoyaltyRegistration
from shop.models.loyalty.ledger_check import LedgerCheck
from shop.models.loyalty.otp import OtpChallenge, RateWindow, RedemptionToken
from shop.models.messaging import DeliveryReport, MessageChannel, MessageDelivery, MessageText
from shop.models.monthly_report import MonthlyReport
from shop.models.orders.draft import OrderDraft
from shop.models.orders.invoice import InvoiceCounter, OrderInvoice
from shop.models.orders.order import Order
from shop.models.orders.parts import OrderAddress, OrderItem, OrderNote, OrderTransaction
from shop.models.orders.refund import OrderRefund, OrderRefundItem
from shop.models.orders.tax_line import OrderTaxLine
from shop.models.orders.till_device import TillDevice
from shop.models.orders.till_sale import TillSale
from shop.models.orders.till_shift import TillShift
from shop.models.outbox import OutboxMessage
from shop.models.payments.payment import PaymentAttempt, PaymentEvent, PaymentFlag, PaymentSecret
from shop.models.payments.provider_request import ProviderRequest
from shop.models.payments.received_payment import CallbackRegistration, KnownPayer, ReceivedPayment
from shop.models.privacy import Consent, PrivacyRequest
from shop.models.sandbox import SandboxClock, SandboxMessage
from shop.models.shop import Shop, ShopHost, ShopSetting
from shop.models.shoppers.account import ShopperLink, ShopperSession, ShopperSignup
from shop.models.shoppers.cart import AbandonedCart, Cart, CartItem
from shop.models.shoppers.checkout_session import CheckoutSession
from shop.models.staff.second_factor import StaffPasskey, StaffRecoveryCode, StaffTotp
from shop.models.staff.user import ApiKey, Membership, SavedView, StaffRole, StaffSession, StaffToken, StaffUser
from shop.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint

for _table in Base.metadata.tables.values():
    # AUTOINCREMENT: SQLite would reuse the highest id after a deletion, and an id must never name another row.
    _table.dialect_options["sqlite"]["autoincrement"] = True

__all__ = [
    "AbandonedCart",
    "Address",
    "ApiKey",
    "ApprovalRequest",
    "AuditEntry",
    "BackupRun",
    "Base",
    "Branch",
    "BulkAction",
    "CallbackRegistration",
    "Cart",
    "CartItem",
    "Category",
    "CheckoutSession",
    "Consent",
    "Coupon",
    "CustomField",
    "Customer",
    "CustomerCountBucket",
    "CustomerMerge",
    "CustomerNote",
    "CustomerTag",
    "DeliveryReport",
    "Event",
    "EventCounter",
    "IdempotencyRecord",
    "Import",
    "ImportFilePart",
    "ImportKey",
    "ImportLine",
    "InvoiceCounter",
    "KnownPayer",
    "LedgerCheck",
    "LoyaltyAccount",
    "LoyaltyEntry",
    "LoyaltyEntryNote",
    "LoyaltyRegistration",
    "Membership",
    "MessageChannel",
    "MessageDelivery",
    "MessageText",
    "MonthlyReport",
    "Order",
    "OrderAddress",
    "OrderDraft",
    "OrderInvoice",
    "OrderItem",
    "OrderNote",
    "OrderRefund",
    "OrderRefundItem",
    "OrderTaxLine",
    "OrderTransaction",
    "OtpChallenge",
    "OutboxMessage",
    "PaymentAttempt",
    "PaymentEvent",
    "PaymentFlag",
    "PaymentMethod",
    "PaymentSecret",
    "PrivacyRequest",
    "Product",
    "ProductBulkAction",
    "ProductCategory",
    "ProductImage",
    "ProductTag",
    "ProviderRequest",
    "RateWindow",
    "ReceivedPayment",
    "RedemptionToken",
    "SandboxClock",
    "SandboxMessage",
    "SavedView",
    "Segment",
    "ShippingMethod",
    "ShippingZone",
    "Shop",
    "ShopHost",
    "ShopOwned",
    "ShopSetting",
    "ShopperLink",
    "ShopperSession",
    "ShopperSignup",
    "StaffPasskey",
    "StaffRecoveryCode",
    "StaffRole",
    "StaffSession",
    "StaffToken",
    "StaffTotp",
    "StaffUser",
    "StockMovement",
    "TaxClass",
    "TillDevice",
    "TillSale",
    "TillShift",
    "Variant",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
]
