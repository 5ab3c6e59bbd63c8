"""The statuses and roles that are stored, each defined once."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """How far an order has been fulfilled."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Fulfilment(StrEnum):
    """The next step for an order's goods, as the pages call it."""

    TO_PACK = "to_pack"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DONE = "done"
    CANCELLED = "cancelled"

    @classmethod
    def of(cls, status: str, *, is_out: bool) -> "Fulfilment":
        """Return the fulfilment of an order with a status; ``is_out`` if a rider has the goods."""
        if status == OrderStatus.PROCESSING and is_out:
            return cls.OUT_FOR_DELIVERY
        return {OrderStatus.COMPLETED: cls.DONE, OrderStatus.CANCELLED: cls.CANCELLED}.get(
            OrderStatus(status), cls.TO_PACK
        )

    @classmethod
    def unsent(cls, status: str) -> "Fulfilment":
        """Return the fulfilment of an order whose goods no rider has."""
        return cls.of(status, is_out=False)


class PaymentStatus(StrEnum):
    """Whether an order is paid."""

    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"


class CartState(StrEnum):
    """The state of an abandoned cart. An order of the same customer since then comes first."""

    OPEN = "open"
    REMINDED = "reminded"
    ORDERED = "ordered"
    STOPPED = "stopped"


class Role(StrEnum):
    """A staff member's role in a shop."""

    OWNER = "owner"
    MANAGER = "manager"
    CLERK = "clerk"


class EntryKind(StrEnum):
    """The kind of a ledger entry. The values are the API's ``reason``."""

    EARNED = "order_earned"
    REDEEMED = "order_redeemed"
    RESTORED = "redeem_reversed"
    REVERSED = "earn_reversed"
    ADJUSTED = "manual"
    MERGED = "merged"
    MERGED_EARNED = "merged_earned"

    @property
    def type(self) -> str:
        """The API's coarser ``type``: ``earn``, ``redeem`` or ``adjust``."""
        return {EntryKind.EARNED: "earn", EntryKind.REDEEMED: "redeem"}.get(self, "adjust")

    @property
    def counts_as_earned(self) -> bool:
        """Whether its points are part of ``lifetime_earned``."""
        return self in {EntryKind.EARNED, EntryKind.REVERSED, EntryKind.MERGED_EARNED}


class EntryEvent(StrEnum):
    """The event of an order or account for which points were reversed or restored."""

    CANCELLED = "cancelled"
    PAYMENT_FAILED = "payment_failed"
    REFUNDED = "refunded"
    PARTLY_REFUNDED = "partly_refunded"
    SHORTFALL_SETTLED = "shortfall_settled"
    EDITED = "edited"
    UNDONE = "undone"


class ProductStatus(StrEnum):
    """Whether a product is for sale."""

    ACTIVE = "active"
    HIDDEN = "hidden"
    ARCHIVED = "archived"

    @classmethod
    def _missing_(cls, value: object) -> "ProductStatus | None":
        """Read ``draft``, the former name of hidden products."""
        return cls.HIDDEN if value == "draft" else None


class MovementKind(StrEnum):
    """The reason for a change of stock."""

    OPENING = "opening"
    SALE = "sale"
    CANCELLATION = "cancellation"
    ADJUSTMENT = "adjustment"
    IMPORT = "import"
    TRANSFER = "transfer"
    REFUND = "refund"


class ImportState(StrEnum):
    """The state of an import; an uploaded file waits until its columns are matched."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportVerdict(StrEnum):
    """The verdict on an imported row. A held row waits for a second person's approval."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    REFUSED = "refused"
    HELD = "held"


class UndoResult(StrEnum):
    """The result of undoing a row: all values restored, or some kept because they were changed since."""

    RESTORED = "restored"
    KEPT = "kept"
