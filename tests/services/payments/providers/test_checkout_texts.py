"""What the checkout says of each payment method: two methods never read alike."""

from shop.services.payments.providers.registry import provider_of

NUMBERS = {"till_number": "5551234"}, {"paybill": "247247"}


def test_no_two_methods_have_the_same_sentence():
    till, paybill = (provider_of("till").checkout_texts(public, is_connected=False).hint for public in NUMBERS)
    by_hand = provider_of("mpesa").checkout_texts(NUMBERS[1], is_connected=False).hint
    prompted = provider_of("mpesa").checkout_texts({}, is_connected=True).hint
    cash = provider_of("cod").checkout_texts({}, is_connected=False).hint
    assert by_hand == paybill
    assert len({till, paybill, prompted, cash}) == 4
    assert "Buy Goods" in till
    assert "Pay Bill" in paybill


def test_a_method_without_a_number_promises_none():
    assert provider_of("till").checkout_texts({}, is_connected=False).hint == ""
