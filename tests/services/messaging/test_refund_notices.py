"""Messages about refunds: what was refunded, whether the money was sent and how, and which points moved."""

import pytest
from sqlalchemy import select

from shop.db.session import db
from shop.domain.text.sms import measure
from shop.models import OutboxMessage
from shop.services.messaging.mails.mail_composer import compose
from shop.services.orders.fulfilment.refund_money import mark_refund_sent
from shop.services.orders.lifecycle import set_payment_status
from shop.services.orders.refunds import RefundLine, refund_order
from shop.services.outbox import ClaimedMessage
from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER


@pytest.fixture
def order(ctx):
    jane = factories.make_customer("jane@example.com", first_name="Jane", phone="0712000001")
    milk, bread = (factories.make_product(name=name, price_cents=6000) for name in ("Milk", "Bread"))
    factories.make_payment()
    made = factories.place(jane, [(milk, 2), (bread, 1)], payment_method="mpesa").order
    return set_payment_status(made.id, "paid", TESTER)


def refund(order, *pieces, **options):
    lines = [RefundLine(item.id, number) for item, number in zip(order.items, pieces, strict=False) if number]
    return refund_order(order.id, lines or None, "Dented", TESTER, **options)


def messages(*kinds):
    row = OutboxMessage
    kinds = kinds or ("order_refunded", "refund_sent")
    rows = db.session.scalars(select(row).where(row.kind.in_(kinds)).order_by(row.id)).all()
    return [
        ClaimedMessage(
            one.id, one.shop_id, one.kind, one.payload, one.recipient, 1, one.created_at, one.channel, one.phone
        )
        for one in rows
    ]


def texts():
    return [compose(message, "k" * 32).text for message in messages()]


def test_a_part_and_then_the_rest(order):
    number = order.order_number
    refund(order, 1, is_sent=False)
    refund(order, reference="SGJ1Y8M4RT")
    assert [message.recipient for message in messages()] == ["jane@example.com"] * 2
    part, rest = (compose(message, "k" * 32) for message in messages())
    assert (part.subject, rest.subject) == (f"Refund for your order {number}",) * 2
    for said in (
        f"Jane, a part of your order {number} was refunded.",
        "Refund: KES 60.00",
        "The shop will send you the money.",
        "1 × Milk",
        "Points taken back: 60.",
        "You now have 0 points.",
    ):
        assert said in part.text
    assert 'Refund: <span style="white-space:nowrap;">KES 60.00</span>' in part.html
    assert "<bdi>Milk</bdi>" in part.html
    assert "<b>0 points</b>" in part.html
    assert "Refund: KES 120.00" in rest.text
    assert "The money was sent by M-Pesa, receipt SGJ1Y8M4RT." in rest.text
    assert "1 × Milk\n1 × Bread\n" in rest.text


def test_all_of_an_order_names_its_items_and_the_points_that_paid_it(ctx):
    jane = factories.make_customer("jane@example.com", points=4000)
    milk = factories.make_product(name="Milk", price_cents=10000)
    made = factories.place(jane, [(milk, 1)], points=3000).order
    set_payment_status(made.id, "paid", TESTER)
    set_payment_status(made.id, "refunded", TESTER)
    (text,) = texts()
    assert f"our order {made.order_number} was refunded." in text
    assert "The shop has sent the money.\n" in text
    assert "1 × Milk" in text
    assert "Points restored: 3,000.\nPoints taken back: 100.\nYou now have 4,000 points.\n" in text


def test_money_that_comes_later_is_told_when_it_is_sent(order):
    done = refund(order, is_sent=False)
    assert mark_refund_sent(order.id, done.refunds[0].id, "KCB 4411", TESTER)
    assert not mark_refund_sent(order.id, done.refunds[0].id, "", TESTER)
    assert [message.kind for message in messages()] == ["order_refunded", "refund_sent"]
    assert f"this is about the refund of KES 180.00 for your order {order.order_number}." in texts()[1]
    assert "The shop has sent the money, reference KCB 4411." in texts()[1]


def test_a_short_text_in_one_sms_in_the_shops_language(order):
    change_settings({"message_channels": "sms,email", "customer_language": "sw"}, TESTER)
    refund(order, 0, 1, reference="SGJ1Y8M4RT")
    (sent,) = (compose(message, "k" * 32) for message in messages())
    assert sent.recipient == "+254712000001"
    assert "KES 60.00" in sent.text
    assert "SGJ1Y8M4RT" in sent.text
    assert "refund" not in sent.text
    assert measure(sent.text).segments == 1


def test_a_receipt_is_one_of_m_pesa_only_for_an_order_that_was_paid_by_it(order):
    by_card = factories.make_order(order.customer, 1000, payment_method="Card", payment_status="paid")
    refund_order(by_card.id, 400, "Dented", TESTER, reference="AUTH001234")
    refund(order, 1, reference="KCB 4411")
    assert "The shop has sent the money, reference AUTH001234." in texts()[0]
    assert "The shop has sent the money, reference KCB 4411." in texts()[1]


def test_cash_of_a_sale_at_a_counter(ctx):
    made = factories.make_order(
        factories.make_customer("jane@example.com"), 1000, payment_method="Cash", payment_status="paid"
    )
    refund_order(made.id, 400, "Dented", TESTER)
    (text,) = texts()
    assert "The shop has given you the money in cash." in text


def test_nothing_is_sent_if_the_shop_wants_none_or_nothing_was_paid(order):
    change_settings({"message_order_refunded": "false"}, TESTER)
    done = refund(order, is_sent=False)
    mark_refund_sent(order.id, done.refunds[0].id, "", TESTER)
    assert messages() == []
