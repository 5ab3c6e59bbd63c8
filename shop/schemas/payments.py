"""Payments (``docs/contract/api.md``, section 6)."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema

from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.models import PaymentAttempt
from shop.schemas.envelope import Envelope
from shop.schemas.orders.parts import TransactionOut
from shop.schemas.types import Id, Moment, Money, PhoneIn, RequestModel, ResponseModel, Text
from shop.services.catalogue.payment_methods import PaymentOption
from shop.services.payments.attempts import attempt_message
from shop.services.payments.start import PaymentState, StartedPayment

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
        description="payment_token of the response that created the order.",
        examples=["Zm9vYmFyYmF6cXV4"],
    ),
]
PayBy = Annotated[
    Moment | None,
    Field(description="The order is cancelled if it is not paid by this time; null if there is no limit."),
]


class GatewayOut(ResponseModel):
    """A payment method; ``config`` holds public values only."""

    id: Annotated[str, Field(examples=["mpesa"])]
    name: Annotated[str, Field(examples=["M-Pesa"])]
    enabled: bool
    config: Annotated[dict[str, Any], Field(examples=[{}])]

    @classmethod
    def of(cls, method: PaymentOption) -> Self:
        """Return a payment method."""
        return cls(id=method.code, name=method.name, enabled=method.enabled, config=method.config)


class GatewayData(ResponseModel):
    """The payment methods."""

    gateways: list[GatewayOut]


class GatewayResponse(Envelope):
    """The payment methods."""

    data: GatewayData


class PaymentData(RequestModel):
    """The fields that a payment method needs; others are ignored."""

    phone: Annotated[
        PhoneIn | None,
        Field(description="The phone that is asked to pay, for M-Pesa; by default the phone of the last attempt."),
    ] = None
    payment_token: PaymentToken | None = None


class PaymentRequest(RequestModel):
    """A payment to start. A payment token may be beside ``order_id`` or in ``payment_data``."""

    order_id: Annotated[Id, Field(examples=[101])]
    gateway_name: Annotated[Text, Field(examples=["mpesa"])]
    payment_data: PaymentData | None = None
    payment_token: PaymentToken | None = None

    @property
    def token(self) -> str | None:
        """Return the payment token from either place."""
        return self.payment_token or (self.payment_data.payment_token if self.payment_data else None)


class BegunData(ResponseModel):
    """A payment that was started, and what the customer does next."""

    redirect_url: Annotated[
        str | None, Field(description="The payment page, if the payment method has one.", examples=[None])
    ]
    reference: Annotated[str, Field(examples=["ORD-260115-7KQ4F-1"])]
    order_id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    gateway: Annotated[str, Field(examples=["mpesa"])]
    state: Annotated[
        Literal["on_delivery", "by_hand", "waiting", "paid"],
        Field(
            description="on_delivery: paid later, nothing to do. by_hand: the customer pays as the instructions say. "
            "waiting: the customer's phone asks for their PIN; poll the payment status. paid: nothing is left.",
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


class BegunResponse(Envelope):
    """A payment that was started."""

    data: BegunData

    @classmethod
    def of(cls, begun: StartedPayment, translate: Callable[[str], str]) -> Self:
        """Return the response for a payment that was started."""
        started = begun.started
        return cls(
            data=BegunData(
                redirect_url=started.redirect_url,
                reference=started.reference,
                order_id=begun.order_id,
                order_number=begun.order_number,
                gateway=begun.gateway,
                state=started.state,
                message=translate(started.message),
                instructions=dict(started.instructions),
                amount=begun.amount_cents,
                currency=begun.currency,
                pay_by=begun.pay_by,
            )
        )


class PaymentStatusQuery(RequestModel):
    """Proof that the caller may see the order, if the session is not."""

    payment_token: Annotated[
        str | None,
        Field(
            min_length=1,
            max_length=200,
            description="payment_token of the response that created the order; not needed if the session may pay it.",
        ),
    ] = None


class AttemptOut(ResponseModel):
    """The last attempt to pay the order through a provider."""

    reference: Annotated[str, Field(examples=["ORD-260115-7KQ4F-1"])]
    gateway: Annotated[str, Field(examples=["mpesa"])]
    state: Annotated[
        Literal["waiting", "paid", "failed"],
        Field(
            description="waiting: ask again in a few seconds. failed: the customer may try again.", examples=["waiting"]
        ),
    ]
    code: Annotated[str | None, Field(description="The provider's code, such as 1032.", examples=["1032"])]
    message: Annotated[str, Field(examples=["The payment was cancelled on the phone. Try again when you are ready."])]
    created_at: Moment

    @classmethod
    def of(cls, attempt: PaymentAttempt, translate: Callable[[str], str]) -> Self:
        """Return an attempt as the customer sees it."""
        return cls(
            reference=attempt.reference,
            gateway=attempt.method_code,
            state=ATTEMPT_STATES[attempt.state],
            code=attempt.result_code or None,
            message=translate(attempt_message(attempt)),
            created_at=attempt.created_at,
        )


class PaymentStatusData(ResponseModel):
    """The status of an order and its payment."""

    order_id: Annotated[int, Field(examples=[101])]
    order_number: Annotated[str, Field(examples=["ORD-260115-7KQ4F"])]
    payment_status: PaymentStatus
    status: OrderStatus
    transaction: TransactionOut | None
    pay_by: PayBy
    attempt: AttemptOut | None


class PaymentStatusResponse(Envelope):
    """The status of an order and its payment."""

    data: PaymentStatusData

    @classmethod
    def of(cls, found: PaymentState, translate: Callable[[str], str]) -> Self:
        """Return the response for an order, with its newest transaction and attempt."""
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
                attempt=AttemptOut.of(attempt, translate) if attempt else None,
            )
        )


class CallbackRequest(RequestModel):
    """The body of Daraja's callback."""

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


def _sent(description: str, example: str | int) -> Any:
    return Annotated[
        Any,
        Field(examples=[example]),
        WithJsonSchema({"type": ["string", "number"], "description": description, "examples": [example]}),
    ]


class ConfirmationRequest(RequestModel):
    """A payment that a customer sent to the shop's short code, as Daraja describes it."""

    TransID: _sent("The receipt number.", "SGH7X2K9QP") = None  # type: ignore[valid-type]
    TransTime: _sent("In East Africa Time.", "20251106230212") = None  # type: ignore[valid-type]
    TransAmount: _sent("In shillings.", "960.00") = None  # type: ignore[valid-type]
    BusinessShortCode: _sent("The shop's short code.", "600210") = None  # type: ignore[valid-type]
    BillRefNumber: _sent("What the payer entered as the account.", "261123-7KQ4F") = None  # type: ignore[valid-type]
    MSISDN: _sent("The phone, or 64 hex digits in its place.", "254712345678") = None  # type: ignore[valid-type]
    FirstName: _sent("May be missing.", "Jane") = None  # type: ignore[valid-type]
    MiddleName: _sent("May be missing.", "") = None  # type: ignore[valid-type]
    LastName: _sent("May be missing.", "Doe") = None  # type: ignore[valid-type]


class ResultRequest(RequestModel):
    """The body of Daraja's result of a status query or a reversal."""

    result: Annotated[
        dict[str, Any],
        Field(
            alias="Result",
            examples=[
                {
                    "ResultType": 0,
                    "ResultCode": 0,
                    "ResultDesc": "The service request is processed successfully.",
                    "OriginatorConversationID": "dad6-4c34-8787-c8cb963a496d1268232",
                    "ConversationID": "AG_20261124_201018edbbf9f1582eaa",
                    "TransactionID": "SKE52PAWR9",
                }
            ],
        ),
    ]


class CallbackResponse(Envelope):
    """The response that Daraja expects."""

    ResultCode: Annotated[int, Field(examples=[0])] = 0
    ResultDesc: Annotated[str, Field(examples=["Accepted"])] = "Accepted"
