"""One-time codes and tokens: every number of the table, with the clock moved."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from shop.db.compiled import statement_events
from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.codes import code_from_nonce
from shop.models import OtpChallenge, OutboxMessage, RedemptionToken
from shop.services import clock
from shop.services.errors import InvalidInput, TooOften
from shop.services.loyalty.otp import OtpConfig, send_code, verify_code
from shop.services.loyalty.redemption_tokens import token_is_good, use_token
from shop.services.shops.settings import change_setting, get_settings
from tests import factories
from tests.factories import TESTER

POLICY = OtpConfig("a key for tests alone, 32 letters long")
EASY = OtpConfig(POLICY.secret_key, sends_per_address_hour=10_000, verifies_per_address_10_minutes=10_000)
START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)
JANE = {"email": "jane@example.com", "phone": None}
NOBODY = {"email": "nobody@example.com", "phone": None}


def at(**later):
    return clock.moved_to(START + timedelta(**later))


def send(who=JANE, address="192.0.2.1", config=EASY):
    send_code(**who, address=address, config=config)


def verify(code, who=JANE, address="192.0.2.1", config=EASY):
    return verify_code(code, **who, address=address, config=config).token


def newest_challenge():
    return db.session.scalars(select(OtpChallenge).order_by(OtpChallenge.id.desc()).limit(1)).one()


def right_code():
    return code_from_nonce(POLICY.secret_key, newest_challenge().nonce)


def wrong_code():
    return f"{(int(right_code()) + 1) % 10**6:06d}"


@pytest.fixture
def jane(ctx):
    return factories.make_customer("jane@example.com", phone="0712345678", points=500)


def test_a_right_code_is_exchanged_for_a_token(jane):
    with at():
        send()
        done = verify_code(right_code(), **JANE, address="192.0.2.1", config=EASY)
        assert done.expires_in_minutes == 30
        assert token_is_good(done.token, jane.id)


def test_a_code_may_be_typed_in_two_groups(jane):
    with at():
        send()
        code = right_code()
        assert verify(f"{code[:3]} {code[3:]}")


def test_a_code_and_a_token_are_kept_only_as_hashes(jane):
    with at():
        send()
        code = right_code()
        token = verify(code)
    challenge = newest_challenge()
    kept = db.session.scalars(select(RedemptionToken)).one()
    assert code not in {challenge.code_hash, challenge.nonce, challenge.subject_hash}
    assert len(challenge.code_hash) == 64
    assert token not in kept.token_hash
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.kind, message.payload, message.recipient) == (
        "otp_code",
        {"challenge_id": challenge.id},
        "jane@example.com",
    )


def test_a_code_by_email_can_be_verified_by_phone(jane):
    with at():
        send()
        assert verify(right_code(), {"email": None, "phone": "+254 712 345678"})


@pytest.mark.parametrize("minutes", [1, 10, 60])
def test_a_code_expires_after_the_setting(jane, minutes):
    change_setting("loyalty_otp_ttl_minutes", minutes, TESTER)
    with at():
        send()
    code = right_code()
    with at(minutes=minutes):
        assert verify(code) is None
    with at(minutes=minutes, seconds=-1):
        assert verify(code) is not None


def test_a_code_works_once(jane):
    with at():
        send()
        assert verify(right_code())
        assert verify(right_code()) is None


def test_a_new_code_voids_the_one_before(jane):
    with at():
        send()
        first = right_code()
    with at(minutes=2):
        send()
        assert right_code() == first or verify(first) is None
        assert verify(right_code())


def test_a_code_is_void_after_five_wrong_tries(jane):
    with at():
        send()
        assert [verify(wrong_code()) for _ in range(5)] == [None] * 5
        assert newest_challenge().tries == 5
        assert verify(right_code()) is None


def test_four_wrong_tries_are_forgiven(jane):
    with at():
        send()
        for _ in range(4):
            verify(wrong_code())
        assert verify(right_code())


def test_a_wrong_try_stays_spent_though_it_was_refused(jane):
    with at():
        send()
        verify(wrong_code())
    db.session.expire_all()
    assert newest_challenge().tries == 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "123456' OR 1=1", "9" * 200])
def test_what_is_no_code_is_wrong(jane, code):
    with at():
        send()
        with pytest.raises(InvalidInput):
            verify(code)
        assert newest_challenge().tries == 0


def test_another_customers_code_does_not_help(jane):
    factories.make_customer("joe@example.com")
    with at():
        send()
        code = right_code()
        send({"email": "joe@example.com", "phone": None})
        assert right_code() == code or verify(code, {"email": "joe@example.com", "phone": None}) is None


def test_a_code_of_another_shop_does_not_help(jane):
    with at():
        send()
        code = right_code()
        factories.make_shop()
        factories.make_customer("jane@example.com")
        assert verify(code) is None


def test_codes_are_sent_once_a_minute_to_one_customer(jane):
    with at():
        send()
    with at(seconds=59), pytest.raises(TooOften) as refused:
        send(address="192.0.2.99")
    assert refused.value.retry_after == 1
    with at(seconds=60):
        send()


def test_codes_are_sent_five_times_an_hour_to_one_customer(jane):
    for minute in range(0, 10, 2):
        with at(minutes=minute):
            send()
    with at(minutes=30), pytest.raises(TooOften) as refused:
        send()
    assert refused.value.retry_after == 30 * 60
    with at(minutes=60):
        send()


def test_sixty_codes_an_hour_are_sent_from_one_address(ctx):
    with at():
        for number in range(60):
            send({"email": f"p{number}@example.com", "phone": None}, config=POLICY)
        with pytest.raises(TooOften) as refused:
            send({"email": "p60@example.com", "phone": None}, config=POLICY)
        assert refused.value.retry_after == 3600
        send({"email": "p60@example.com", "phone": None}, address="192.0.2.2", config=POLICY)
    with at(hours=1):
        send({"email": "p61@example.com", "phone": None}, config=POLICY)


def test_thirty_codes_in_ten_minutes_are_tried_from_one_address(ctx):
    with at():
        for number in range(30):
            verify("000000", {"email": f"p{number}@example.com", "phone": None}, config=POLICY)
        with pytest.raises(TooOften):
            verify("000000", NOBODY, config=POLICY)
        verify("000000", NOBODY, address="192.0.2.2", config=POLICY)
    with at(minutes=10):
        verify("000000", NOBODY, config=POLICY)


@pytest.mark.parametrize("who", [JANE, NOBODY], ids=["known", "unknown"])
def test_twenty_codes_an_hour_are_tried_for_one_customer(jane, who):
    with at():
        for number in range(20):
            verify("000000", who, address=f"192.0.2.{number}")
        with pytest.raises(TooOften):
            verify("000000", who, address="192.0.2.99")
    with at(hours=1):
        verify("000000", who)


def test_other_peoples_wrong_tries_never_keep_the_customer_out(jane):
    for minute in range(0, 8, 2):
        with at(minutes=minute):
            send(address="198.51.100.7")
            for number in range(5):
                verify(wrong_code(), address=f"198.51.100.{number}")
    with at(minutes=8):
        send()
        code = right_code()
        for number in range(40):
            with suppress(TooOften):
                verify(wrong_code(), address=f"203.0.113.{number}")
        with pytest.raises(TooOften):
            verify("000000", address="203.0.113.99")
        assert verify(code) is not None


def test_a_request_from_another_address_leaves_an_earlier_code_valid(jane):
    with at():
        send()
        code = right_code()
    with at(minutes=2):
        send(address="198.51.100.7")
        verify(wrong_code(), address="198.51.100.7")
        assert verify(code) is not None
    with at(minutes=3):
        assert verify(right_code()) is not None, "the customer reads the newest mail"


def test_a_code_requested_in_one_session_is_valid_in_another(jane):
    with at():
        send()
        assert verify(wrong_code(), address="198.51.100.7") is None
        assert verify(right_code(), address="198.51.100.7") is not None


def test_twenty_tries_an_hour_are_counted_by_person_whichever_name_was_typed(jane):
    phone = {"email": None, "phone": "0712345678"}
    for minute in range(0, 8, 2):
        with at(minutes=minute):
            send()
            for _ in range(5):
                verify(wrong_code())
    with at(minutes=8):
        send(phone)
        assert verify(right_code(), phone) is None, "refused like a wrong code: nothing tells whose phone it is"
        assert newest_challenge().tries == 0


def test_both_limits_of_an_address_can_be_set(ctx):
    strict = OtpConfig(POLICY.secret_key, sends_per_address_hour=1, verifies_per_address_10_minutes=2)
    with at():
        send(config=strict)
        with pytest.raises(TooOften):
            send(NOBODY, config=strict)
        verify("000000", config=strict)
        verify("000000", config=strict)
        with pytest.raises(TooOften):
            verify("000000", config=strict)


def test_one_mailbox_gets_one_code_a_minute_by_whichever_name_it_is_asked(jane):
    with at():
        send()
        send({"email": None, "phone": "0712345678"})  # no refusal: it would reveal that both belong together
    assert db.session.scalars(select(func.count(OtpChallenge.id))).one() == 1
    assert db.session.scalars(select(func.count(OutboxMessage.id))).one() == 1


def statements_of(action):
    said = []

    def listen(_connection, _cursor, statement, *_rest):
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        with statement_events():
            action()
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
    return said


def test_unknown_people_are_answered_statement_for_statement_like_known_ones(jane):
    with transaction():
        get_settings()  # the first request of a process reads them for all
    with at():
        assert statements_of(lambda: send(JANE)) == statements_of(lambda: send(NOBODY, address="192.0.2.2"))
        known = statements_of(lambda: verify("000000", JANE))
        assert known == statements_of(lambda: verify("000000", NOBODY, address="192.0.2.2"))
        for who in (JANE, NOBODY):
            with pytest.raises(TooOften) as refused:
                send(who)
            assert refused.value.retry_after == 60


def test_an_unknown_person_gets_no_mail_and_no_token(ctx):
    with at():
        send(NOBODY)
        assert db.session.scalars(select(OutboxMessage)).one().recipient is None
        assert verify(right_code(), NOBODY) is None


@pytest.mark.parametrize(
    "who", [{"email": "nobody", "phone": None}, {"email": None, "phone": "12"}, {"email": None, "phone": None}]
)
def test_what_is_no_email_or_number_is_refused(ctx, who):
    for action in (lambda: send(who), lambda: verify("000000", who)):
        with pytest.raises(InvalidInput):
            action()


@pytest.mark.parametrize("minutes", [1, 30, 240])
def test_a_token_expires_after_the_setting(jane, minutes):
    change_setting("loyalty_redemption_token_ttl_minutes", minutes, TESTER)
    with at():
        send()
        token = verify(right_code())
    with at(minutes=minutes, seconds=-1):
        assert token_is_good(token, jane.id)
    with at(minutes=minutes):
        assert not token_is_good(token, jane.id)


def test_a_token_has_256_bits_and_is_valid_for_one_order_of_its_customer_and_shop(jane):
    joe = factories.make_customer()
    token = factories.make_token(jane.id)
    order, other = factories.make_order(jane), factories.make_order(jane)
    assert len(token) == 43
    assert not token_is_good(token, joe.id)
    assert not token_is_good(token[:-1], jane.id)
    with transaction():
        use_token(token, jane.id, order.id)
    with pytest.raises(InvalidInput) as refused, transaction():
        use_token(token, jane.id, other.id)
    assert refused.value.code == "invalid_redemption_token"


def test_a_token_is_free_again_when_its_order_rolls_back(jane):
    token = factories.make_token(jane.id)
    order = factories.make_order(jane)

    def use_and_break():
        with transaction():
            use_token(token, jane.id, order.id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        use_and_break()
    assert token_is_good(token, jane.id)
