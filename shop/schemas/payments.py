"""Payment on the wire (``docs/contract/api.md``, section 6)."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field

from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import PaymentAttempt
from shop.schemas.envelope import Envelope
from shop.schemas.orders import TransactionOut
from shop.schemas.types import Id, In, Moment, Money, Out, PhoneIn, Text
from shop.services.catalogue.payment_methods import PaymentOption
from shop.services.payments.start import Begun, PaymentState

ATTEMPT_STATES: dict[str, Literal["waiting", "paid", "failed"]] = {
    "starting": "waiting",
    "waiting": "waiting",
    "paid": "paid",
    "failed": "failed",
    "lapsed": "failed",
}
PaymentToken = Annotated[
    str,
    Field(
        strict=True,
        min_length=1,
        max_length=200,
        description="payment_token of the answer that made the order.",
        examples=["Zm9vYmFyYmF6cXV4"],
    ),
]
PayBy = Annotated[
    Moment | None,
    Field(description="When the order is cancelled if it was not paid by then; null when it waits for ever."),
]


class GatewayOut(Out):
    """A way to pay; ``config`` holds only what anybody may see."""

    id: Annotated[str, Field(examples=["mpesa"])]
    name: Annotated[str, Field(examples=["M-Pesa"])]
    enabled: bool
    config: Annotated[dict[str, Any], Field(examples=[{}])]

    @classmethod
    def of(cls, method: PaymentOption) -> Self:
        """A method as it is shown."""
        return cls(id=method.code, name=method.name, enabled=method.enabled, config=method.config)


class GatewayData(Out):
    """The ways to pay."""

    gateways: list[GatewayOut]


class GatewayAnswer(Envelope):
    """The ways to pay."""

    data: GatewayData


class PaymentData(In):
    """What a way to pay needs to know; other fields of a storefront's own are ignored."""

    phone: Annotated[
        PhoneIn | None,
        Field(description="The phone that is asked to pay, for M-Pesa; without one, that of the last try."),
    ] = None
    payment_token: PaymentToken | None = None


class PaymentRequest(In):
    """A payment to begin. A payment token may stand beside ``order_id`` or in ``payment_data``."""

    order_id: Annotated[Id, Field(examples=[101])]
    gateway_name: Annotated[Text, Field(min_length=1, examples=["mpesa"])]
    payment_data: PaymentData | None = None
    payment_token: PaymentToken | None = None

    @property
    def token(self) -> str | None:
        """The proof that the order is the asker's, wherever it stands."""
        return self.payment_token or (self.payment_data.payment_token if self.payment_data else None)


class BegunData(Out):
    """Where a payment stands that was begun, and what the customer does next."""

    redirect_url: Annotated[
        str | None, Field(description="Go there to pay, where a way to pay has a page.", examples=[None])
    ]
    reference: Annotated[str, Field(examples=["ORD-260115-7KQ4F-1"])]
    order_id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    gateway: Annotated[str, Field(examples=["mpesa"])]
    state: Annotated[
        Literal["on_delivery", "by_hand", "waiting", "paid"],
        Field(
            description="on_delivery: paid later, nothing to do. by_hand: the customer pays as the instructions say. "
            "waiting: her phone asks her now; ask for the payment status until it is settled. paid: nothing is left.",
            examples=["waiting"],
        ),
    ]
    message: Annotated[str, Field(examples=["Enter your M-Pesa PIN on 0712 345678 to pay KES 2,400.00."])]
    instructions: Annotated[
        dict[str, str],
        Field(
            description="For by_hand: till_number or paybill, account and amount, as far as they apply.", examples=[{}]
        ),
    ]
    amount: Annotated[Money, Field(examples=["2400.00"])]
    currency: Annotated[str, Field(examples=["KES"])]
    pay_by: PayBy


class BegunAnswer(Envelope):
    """A payment that was begun."""

    data: BegunData

    @classmethod
    def of(cls, begun: Begun) -> Self:
        """The answer for a payment that was begun."""
        started = begun.started
        return cls(
            data=BegunData(
                redirect_url=started.redirect_url,
                reference=started.reference,
                order_id=begun.order_id,
                order_number=begun.order_number,
                gateway=begun.gateway,
                state=started.state,
                message=started.message,
                instructions=dict(started.instructions),
                amount=begun.amount_cents,
                currency=begun.currency,
                pay_by=begun.pay_by,
            )
        )


class PaymentStatusQuery(In):
    """Proof that the order is the asker's, if she is not signed in as the customer whose it is."""

    payment_token: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="payment_token of the answer that made the order; not needed where the session is proof.",
        ),
    ] = None


class AttemptOut(Out):
    """The last time that a provider was asked for the order's money."""

    reference: Annotated[str, Field(examples=["ORD-260115-7KQ4F-1"])]
    gateway: Annotated[str, Field(examples=["mpesa"])]
    state: Annotated[
        Literal["waiting", "paid", "failed"],
        Field(description="waiting: ask again in a few seconds. failed: she may try again.", examples=["waiting"]),
    ]
    code: Annotated[str | None, Field(description="The provider's own, such as 1032.", examples=["1032"])]
    message: Annotated[str, Field(examples=["The payment was cancelled on the phone. Try again when you are ready."])]
    created_at: Moment

    @classmethod
    def of(cls, attempt: PaymentAttempt) -> Self:
        """An attempt as it is shown to the customer."""
        return cls(
            reference=attempt.reference,
            gateway=attempt.method_code,
            state=ATTEMPT_STATES[attempt.state],
            code=attempt.result_code or None,
            message=attempt.message or "Look at your phone: M-Pesa asks for your PIN.",
            created_at=attempt.created_at,
        )


class PaymentStatusData(Out):
    """How an order and its payment stand."""

    order_id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    payment_status: PaymentStatus
    status: OrderStatus
    transaction: TransactionOut | None
    pay_by: PayBy
    attempt: AttemptOut | None


class PaymentStatusAnswer(Envelope):
    """How an order and its payment stand."""

    data: PaymentStatusData

    @classmethod
    def of(cls, found: PaymentState) -> Self:
        """The answer for an order, with its newest transaction and attempt."""
        order, attempt = found.order, found.attempt
        newest = order.transactions[-1] if order.transactions else None
        return cls(
            data=PaymentStatusData(
                order_id=order.id,
                order_number=order.order_number,
                payment_status=order.payment_status,  # type: ignore[arg-type]
                status=order.status,  # type: ignore[arg-type]
                transaction=TransactionOut.of(newest) if newest else None,
                pay_by=order.pay_by,
                attempt=AttemptOut.of(attempt) if attempt else None,
            )
        )


class CallbackRequest(In):
    """What Daraja calls back with."""

    body: Annotated[
        dict[str, Any],
        Field(
            alias="Body",
            examples=[
                {
                    "stkCallback": {
                        "MerchantRequestID": "29115-34620561-1",
                        "CheckoutRequestID": "ws_CO_191220191020363925",
                        "ResultCode": 0,
                        "ResultDesc": "The service request is processed successfully.",
                        "CallbackMetadata": {
                            "Item": [
                                {"Name": "Amount", "Value": 2400},
                                {"Name": "MpesaReceiptNumber", "Value": "SGH7X2K9QP"},
                            ]
                        },
                    }
                }
            ],
        ),
    ]


class CallbackAnswer(Envelope):
    """What Daraja expects to hear."""

    ResultCode: Annotated[int, Field(examples=[0])] = 0
    ResultDesc: Annotated[str, Field(examples=["Accepted"])] = "Accepted"
