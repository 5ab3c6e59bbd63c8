"""The breaks of ``break_promises.py``."""

from dataclasses import dataclass

import breaks_of_operations


@dataclass(frozen=True)
class Break:
    """A guarantee, the change that breaks it (every ``old`` in ``file``), and the test that must fail."""

    promise: str
    what: str
    file: str
    old: str
    new: str
    test: str


AT_ONCE, ABUSE, HEADERS = "tests/test_at_once.py", "tests/test_abuse.py", "tests/web/http/test_security_headers.py"
AWARDS, CODES, TOKENS = (
    "shop/services/loyalty/earning.py",
    "shop/services/loyalty/otp.py",
    "shop/services/loyalty/redemption_tokens.py",
)
BREAKS = (
    Break(
        "points are never awarded twice",
        "an order is loaded without its lock",
        "shop/services/orders/repository.py",
        "_find(ids).with_for_update(of=table(Order))",
        "_find(ids)",
        f"{AT_ONCE}::test_fifty_requests_that_mark_an_order_paid_are_one_payment_and_one_award[postgresql]",
    ),
    Break(
        "points are never awarded twice",
        "the key of an award contains the time",
        AWARDS,
        'key = f"earn:order:{order.id}{_again(order)}"',
        'key = f"earn:order:{order.id}:{order.updated_at}"',
        "tests/services/orders/test_undone.py::test_an_order_that_is_revived_earns_nothing_a_second_time[sqlite]",
    ),
    Break(
        "no double spend",
        "a used redemption token is accepted",
        TOKENS,
        " _T.used_at.is_(None),",
        " _T.id > 0,",
        f"{AT_ONCE}::test_thirty_two_orders_with_one_token_make_one[postgresql]",
    ),
    Break(
        "no double spend",
        "points are taken without checking the balance",
        "shop/services/loyalty/ledger.py",
        ', _A.points_balance + bindparam("points") >= 0)',
        ")",
        f"{AT_ONCE}::test_two_of_the_staff_that_take_points_at_once_never_take_more_than_there_are[sqlite]",
    ),
    Break(
        "refunds are exact",
        "a share of the points is rounded to the nearest",
        "shop/domain/loyalty/points.py",
        "rules.rounding.whole(Fraction(points * refunded_cents, subtotal_cents))",
        "round(Fraction(points * refunded_cents, subtotal_cents))",
        "tests/services/orders/test_refunds.py::"
        "test_the_part_of_an_order_with_coupon_and_points_is_worked_out_from_its_goods[sqlite]",
    ),
    Break(
        "refunds are exact",
        "money for goods is rounded up",
        "shop/domain/refunds.py",
        "return at_most(",
        "return -at_most(-",
        "tests/domain/test_refunds.py::test_goods_give_back_their_share_of_what_was_paid",
    ),
    Break(
        "refunds are exact",
        "items are refunded without checking the remaining quantity",
        "shop/services/orders/refunds.py",
        "if not 0 < line.quantity <= most:",
        "if line.quantity <= 0:",
        "tests/services/orders/test_refund_items.py::test_never_more_than_were_bought[sqlite]",
    ),
    Break(
        "refunds are exact",
        "points are reversed by today's settings",
        AWARDS,
        "    rules = LoyaltyRules.from_json(order.loyalty_rules)\n    subtotal",
        "    rules = get_settings().rules\n    subtotal",
        "tests/services/orders/test_refund_items.py::test_the_rule_of_the_day_it_was_placed_counts[sqlite]",
    ),
    Break(
        "refunds are exact",
        "cancelling reverses no earned points",
        AWARDS,
        "return ReversedPoints(max(0, due - order.points_taken_back), max(0, back - order.points_returned))",
        "return ReversedPoints(0, max(0, back - order.points_returned))",
        "tests/services/orders/test_undone.py::"
        "test_undoing_gives_back_what_was_redeemed_and_takes_back_what_was_earned",
    ),
    Break(
        "idempotency keys",
        "each request gets its own idempotency key",
        "shop/web/json_api/idempotency.py",
        'key=request.headers["Idempotency-Key"],',
        "key=g.request_id,",
        f"{AT_ONCE}::test_fifty_requests_with_one_idempotency_key_have_one_effect[sqlite-adjust]",
    ),
    Break(
        "one-time codes",
        "attempts on a code are not limited",
        CODES,
        'else_=bindparam("elsewhere", type_=_O.tries.type)',
        "else_=MAX_TRIES * 8",
        f"{AT_ONCE}::test_forty_that_guess_from_forty_addresses_get_three_tries[sqlite]",
    ),
    Break(
        "one-time codes",
        "a mailbox has no limit",
        CODES,
        "        return False\n    return True",
        "        return True\n    return True",
        f"{AT_ONCE}::test_thirty_requests_for_a_code_send_one_mail[sqlite]",
    ),
    Break(
        "limits across processes",
        "a use replaces the earlier uses of its window",
        "shop/services/rate_limits.py",
        "_W.moments.concat(_INSERT.excluded.moments)",
        "_INSERT.excluded.moments",
        f"{AT_ONCE}::test_the_limit_of_an_address_holds_across_processes[postgresql]",
    ),
    Break(
        "limits across processes",
        "forwarded addresses are trusted from everybody",
        "shop/server/trusted_proxies.py",
        "        if not self._networks or not self._is_address(address):\n            return False\n",
        "        if self._is_address(address):\n            return True\n",
        "tests/api/test_limits.py::test_a_forwarded_address_counts_behind_a_trusted_proxy_only[sqlite]",
    ),
    Break(
        "no enumeration",
        "a code for an unknown person is refused",
        CODES,
        "        if not _may_mail(customer, asked, config):\n",
        '        if customer is None:\n            raise InvalidInput("There is no such customer.")\n'
        "        if not _may_mail(customer, asked, config):\n",
        "tests/bench/test_enumeration.py::test_known_and_unknown_people_are_answered_byte_for_byte_alike[sqlite-send]",
    ),
    Break(
        "shops are separated",
        "queries are not limited to one shop",
        "shop/db/tenant.py",
        "lambda cls: cls.shop_id == shop_id, include_aliases=True",
        "lambda cls: cls.shop_id >= shop_id * 0, include_aliases=True",
        "tests/test_scope_routes.py::test_the_json_apis_find_nothing_of_another_shop[sqlite]",
    ),
    Break(
        "nothing malformed is a 500",
        "broken chunks are left to gunicorn",
        "shop/web/http/middleware.py",
        "ChunkedBodyMiddleware(proxies)",
        "proxies",
        f"{ABUSE}::test_chunks_that_are_none_are_refused_in_the_envelope",
    ),
    Break(
        "slow requests are cut",
        "a slow client is never cut off",
        "shop/server/gunicorn_worker.py",
        "- self._waited",
        "- 0 * self._waited",
        f"{ABUSE}::test_who_trickles_is_gone_though_bytes_keep_coming",
    ),
    Break(
        "pages are safe",
        "pages may contain scripts",
        "shop/web/http/security_headers.py",
        "\"default-src 'self'; ",
        "\"default-src 'self' 'unsafe-inline'; ",
        f"{HEADERS}::test_every_route_sends_them[sqlite]",
    ),
    Break(
        "pages are safe",
        "scripts may read the session cookie",
        "shop/config.py",
        '"SESSION_COOKIE_HTTPONLY": True',
        '"SESSION_COOKIE_HTTPONLY": False',
        f"{HEADERS}::test_the_sessions_cookie_is_for_this_site_and_no_script[sqlite]",
    ),
    Break(
        "the embedded checkout",
        "every page may frame it",
        "shop/checkout/auth.py",
        "frame-ancestors {ancestors}",
        "frame-ancestors *",
        f"{HEADERS}::test_only_a_checkout_opened_from_an_allowed_origin_may_be_framed_and_only_by_allowed_ones[sqlite]",
    ),
    Break(
        "the embedded checkout",
        "its frame reads messages from every window",
        "static/js/checkout.js",
        "if (!framed || event.source !== window.parent || event.origin !== origin) return;",
        "",
        "tests/browser/test_checkout.py::test_messages_from_other_origins_change_nothing",
    ),
    Break(
        "the embedded checkout",
        "the page around it reads messages from every frame",
        "static/embed.js",
        "if (event.source !== frame.contentWindow || event.origin !== base) return;",
        "",
        "tests/browser/test_checkout.py::test_messages_from_other_origins_change_nothing",
    ),
    Break(
        "the embedded checkout",
        "the token of one checkout opens another",
        "shop/services/checkout/sessions.py",
        "row.id == checkout_id, row.token_hash",
        "row.token_hash",
        "tests/checkout/test_refusals.py::test_without_the_token_of_this_very_checkout_nothing_goes",
    ),
    Break(
        "the embedded checkout",
        "a second submission places a second order",
        "shop/services/checkout/sessions.py",
        "        if row.order_id is None:\n            order =",
        "        if checkout_id:\n            order =",
        "tests/checkout/test_twenty_at_once.py",
    ),
    Break(
        "passwords",
        "sign-in attempts are not counted",
        "shop/staff/sign_in/views.py",
        '        failures_limited(STAFF_SIGN_INS_PER_ACCOUNT, "sign-in", address, account),\n',
        "",
        "tests/staff/sign_in/test_views.py::test_ten_tries_in_a_quarter_of_an_hour_then_one_waits[sqlite]",
    ),
    Break(
        "secrets",
        "a token is stored without hashing",
        TOKENS,
        "token_hash=hash_secret(token),",
        "token_hash=token,",
        "tests/services/loyalty/test_otp.py::test_a_code_and_a_token_are_kept_only_as_hashes[sqlite]",
    ),
    Break(
        "secrets",
        "the log contains error messages unredacted",
        "shop/observability/json_logging.py",
        'return PRIVATE.sub("[private]", VALUES.sub("", text))',
        "return text",
        "tests/observability/test_logs.py::test_words_that_are_not_ours_are_redacted",
    ),
    Break(
        "till sales",
        "a sale can be undone at any time",
        "shop/services/till/sales.py",
        "if not may_undo(row.created_at):",
        "if False:",
        "tests/services/till/test_sales.py::test_a_sale_is_undone_once_and_only_for_ten_minutes[sqlite]",
    ),
    Break(
        "webhooks",
        "one of two secrets signs during a rotation",
        "shop/services/webhooks/signing.py",
        "for secret in secrets_in_use)",
        "for secret in list(secrets_in_use)[:1])",
        "tests/services/webhooks/test_signing.py::test_the_library_verifies_with_either_secret_of_a_rotation",
    ),
    Break(
        "webhooks",
        "two workers send to one endpoint at once",
        "shop/services/webhooks/sending.py",
        "where(row.enabled, is_free, is_due)",
        "where(row.enabled, is_due)",
        "tests/services/webhooks/test_sending.py::test_an_endpoint_gets_one_request_at_a_time[sqlite]",
    ),
    *(Break(*each) for each in breaks_of_operations.BREAKS),
)
