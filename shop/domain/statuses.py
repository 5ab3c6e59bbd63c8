"""The statuses and roles that are stored, each defined once."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """How far an order has been fulfilled."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """Whether an order's money has arrived."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class Role(StrEnum):
    """What a member of staff is in a shop."""

    OWNER = "owner"
    MANAGER = "manager"
    CLERK = "clerk"
