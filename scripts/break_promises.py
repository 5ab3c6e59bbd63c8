"""Break each promise once and see which test fails: ``python scripts/break_promises.py [WORD …] [--write]`` (minutes).

Each break is a small change to one file, made in a copy of the project, never in the project itself; the test named
beside it must fail on the broken copy. ``--write`` keeps the table in docs/promises.md. Exits with 1 when a break goes
unnoticed, or no longer fits the code.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import breaks_of_operations

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "promises.md"
BEGIN, END = "<!-- broken on purpose: made by scripts/break_promises.py -->", "<!-- end -->"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "instance", "screens", "__pycache__", ".*_cache", ".hypothesis")
LONGEST = 300
FAILED = 1
"""What pytest exits with when tests ran and some failed; anything else means that nothing was shown."""


@dataclass(frozen=True)
class Break:
    """A promise, what is done to the code (wherever the old text stands in a file), and the test that must notice."""

    promise: str
    what: str
    file: str
    old: str
    new: str
    test: str


AT_ONCE, ABUSE, HEADERS = "tests/test_at_once.py", "tests/test_abuse.py", "tests/web/http/test_security_headers.py"
STATUS, AWARDS, CODES = (
    "shop/services/orders/lifecycle.py",
    "shop/services/loyalty/earning.py",
    "shop/services/loyalty/otp.py",
)
BREAKS = (
    Break(
        "nothing twice",
        "an order is read without its lock",
        "shop/services/orders/repository.py",
        "PreparedQuery(_ONE.find.with_for_update(of=table(Order)))",
        "PreparedQuery(_ONE.find)",
        f"{AT_ONCE}::test_fifty_requests_that_mark_an_order_paid_are_one_payment_and_one_award[postgresql]",
    ),
    Break(
        "nothing twice",
        "the cause of an earning names the moment too",
        AWARDS,
        'key = f"earn:order:{order.id}"',
        'key = f"earn:order:{order.id}:{order.updated_at}"',
        "tests/services/orders/test_undone.py::test_an_order_that_is_revived_earns_nothing_a_second_time[sqlite]",
    ),
    Break(
        "no double spend",
        "nobody looks whether a token was used before, neither first nor last",
        CODES,
        " _T.used_at.is_(None),",
        " _T.id > 0,",
        f"{AT_ONCE}::test_thirty_two_orders_with_one_token_make_one[postgresql]",
    ),
    Break(
        "no double spend",
        "points are taken without looking whether they are there",
        "shop/services/loyalty/ledger.py",
        ', _A.points_balance + bindparam("points") >= 0)',
        ")",
        f"{AT_ONCE}::test_two_of_the_staff_that_take_points_at_once_never_take_more_than_there_are[sqlite]",
    ),
    Break(
        "refunds",
        "a part of the points is rounded to the nearest",
        "shop/domain/loyalty/points.py",
        "rules.rounding.whole(Fraction(points * refunded_cents, subtotal_cents))",
        "round(Fraction(points * refunded_cents, subtotal_cents))",
        "tests/services/orders/test_refunds.py::"
        "test_the_part_of_an_order_with_coupon_and_points_is_worked_out_from_its_goods[sqlite]",
    ),
    Break(
        "refunds",
        "money for goods is rounded up",
        "shop/domain/refunds.py",
        "return at_most(",
        "return -at_most(-",
        "tests/domain/test_refunds.py::test_goods_give_back_their_share_of_what_was_paid",
    ),
    Break(
        "refunds",
        "items are refunded without looking how many are left",
        "shop/services/orders/refunds.py",
        "if not 0 < line.quantity <= most:",
        "if line.quantity <= 0:",
        "tests/services/orders/test_refund_items.py::test_never_more_than_were_bought[sqlite]",
    ),
    Break(
        "refunds",
        "points go back by the settings of today",
        AWARDS,
        "    rules = LoyaltyRules.from_json(order.loyalty_rules)\n    subtotal",
        "    rules = get_settings().rules\n    subtotal",
        "tests/services/orders/test_refund_items.py::test_the_rule_of_the_day_it_was_placed_counts[sqlite]",
    ),
    Break(
        "refunds",
        "cancelling takes no earned points back",
        AWARDS,
        "return ReversedPoints(max(0, due - order.points_taken_back), max(0, back - order.points_returned))",
        "return ReversedPoints(0, max(0, back - order.points_returned))",
        "tests/services/orders/test_undone.py::"
        "test_undoing_gives_back_what_was_redeemed_and_takes_back_what_was_earned",
    ),
    Break(
        "idempotency keys",
        "each request has a key of its own",
        "shop/web/json_api/idempotency.py",
        'key=request.headers["Idempotency-Key"],',
        "key=g.request_id,",
        f"{AT_ONCE}::test_fifty_requests_with_one_idempotency_key_have_one_effect[sqlite-adjust]",
    ),
    Break(
        "one-time codes",
        "tries on a code are not limited",
        CODES,
        'else_=bindparam("elsewhere", type_=_O.tries.type)',
        "else_=MAX_TRIES * 8",
        f"{AT_ONCE}::test_forty_that_guess_from_forty_addresses_get_three_tries[sqlite]",
    ),
    Break(
        "one-time codes",
        "a mailbox has no limit of its own",
        CODES,
        "        return False\n    return True",
        "        return True\n    return True",
        f"{AT_ONCE}::test_thirty_requests_for_a_code_send_one_mail[sqlite]",
    ),
    Break(
        "limits across processes",
        "a window is read without its lock",
        "shop/services/rate_limits.py",
        "    row = _TAKE(bucket=bucket, hits=[], expires_at=ends).one()\n",
        "    from sqlalchemy import select\n"
        '    seen = select(_W.id, _W.hits).where(_W.shop_id == SHOP, _W.bucket == bindparam("bucket"))\n'
        "    row = PreparedQuery(seen)(bucket=bucket).first()\n"
        "    row = row or _TAKE(bucket=bucket, hits=[], expires_at=ends).one()\n",
        f"{AT_ONCE}::test_the_limit_of_an_address_holds_across_processes[postgresql]",
    ),
    Break(
        "limits across processes",
        "forwarded addresses are believed from anybody",
        "shop/server/trusted_proxies.py",
        "        if not self._networks or not self._is_address(address):\n            return False\n",
        "        if self._is_address(address):\n            return True\n",
        "tests/api/test_limits.py::test_a_forwarded_address_counts_behind_a_trusted_proxy_only[sqlite]",
    ),
    Break(
        "no enumeration",
        "a code for somebody unknown is refused",
        CODES,
        "        if not _may_mail(customer, asked, policy):\n",
        '        if customer is None:\n            raise InvalidInput("There is no such customer.")\n'
        "        if not _may_mail(customer, asked, policy):\n",
        "tests/bench/test_enumeration.py::test_known_and_unknown_people_are_answered_byte_for_byte_alike[sqlite-send]",
    ),
    Break(
        "no shop sees another",
        "statements are not confined to a shop",
        "shop/db/tenant.py",
        "lambda cls: cls.shop_id == shop_id, include_aliases=True",
        "lambda cls: cls.shop_id >= shop_id * 0, include_aliases=True",
        "tests/test_scope_routes.py::test_the_json_apis_find_nothing_of_another_shop[sqlite]",
    ),
    Break(
        "nothing malformed is a 500",
        "broken chunks are left to the server",
        "shop/web/http/middleware.py",
        "ChunkedBodyMiddleware(TrustedProxiesMiddleware(app.wsgi_app, networks))",
        "TrustedProxiesMiddleware(app.wsgi_app, networks)",
        f"{ABUSE}::test_chunks_that_are_none_are_refused_in_the_envelope",
    ),
    Break(
        "slow requests are cut",
        "a client may trickle for ever",
        "shop/server/gunicorn_worker.py",
        "- self._waited",
        "- 0 * self._waited",
        f"{ABUSE}::test_who_trickles_is_gone_though_bytes_keep_coming",
    ),
    Break(
        "pages are safe",
        "scripts may stand in pages",
        "shop/web/http/security_headers.py",
        "\"default-src 'self'; ",
        "\"default-src 'self' 'unsafe-inline'; ",
        f"{HEADERS}::test_every_route_sends_them[sqlite]",
    ),
    Break(
        "pages are safe",
        "scripts may read the session's cookie",
        "shop/config.py",
        '"SESSION_COOKIE_HTTPONLY": True',
        '"SESSION_COOKIE_HTTPONLY": False',
        f"{HEADERS}::test_the_sessions_cookie_is_for_this_site_and_no_script[sqlite]",
    ),
    Break(
        "the embedded checkout",
        "any page may frame it",
        "shop/checkout/auth.py",
        "frame-ancestors {ancestors}",
        "frame-ancestors *",
        f"{HEADERS}::test_only_a_checkout_opened_from_an_allowed_origin_may_be_framed_and_only_by_allowed_ones[sqlite]",
    ),
    Break(
        "the embedded checkout",
        "its frame hears everybody",
        "static/js/checkout.js",
        "if (!framed || event.source !== window.parent || event.origin !== origin) return;",
        "",
        "tests/browser/test_checkout.py::test_messages_of_strangers_change_nothing",
    ),
    Break(
        "the embedded checkout",
        "the page around it hears everybody",
        "static/embed.js",
        "if (event.source !== frame.contentWindow || event.origin !== base) return;",
        "",
        "tests/browser/test_checkout.py::test_messages_of_strangers_change_nothing",
    ),
    Break(
        "the embedded checkout",
        "the token of one cart opens another",
        "shop/services/checkout/sessions.py",
        "row.id == checkout_id, row.token_hash",
        "row.token_hash",
        "tests/checkout/test_refusals.py::test_without_the_token_of_this_very_checkout_nothing_goes",
    ),
    Break(
        "the embedded checkout",
        "it does not remember its order",
        "shop/services/checkout/sessions.py",
        "        if row.order_id is None:\n            order =",
        "        if checkout_id:\n            order =",
        "tests/checkout/test_twenty_at_once.py",
    ),
    Break(
        "passwords",
        "tries to sign in are not counted",
        "shop/staff/sign_in/views.py",
        "        _count_try(form.email.data)\n",
        "",
        "tests/staff/sign_in/test_views.py::test_ten_tries_in_a_quarter_of_an_hour_then_one_waits[sqlite]",
    ),
    Break(
        "secrets",
        "a token is kept as it is",
        CODES,
        "token_hash=hash_secret(token),",
        "token_hash=token,",
        "tests/services/loyalty/test_otp.py::test_a_code_and_a_token_are_kept_only_as_hashes[sqlite]",
    ),
    Break(
        "secrets",
        "the log says what an error says",
        "shop/observability/json_logging.py",
        'return PRIVATE.sub("[private]", VALUES.sub("", text))',
        "return text",
        "tests/observability/test_logs.py::test_words_that_are_not_ours_are_redacted",
    ),
    *(Break(*each) for each in breaks_of_operations.BREAKS),
)


def main() -> int:
    """Break, test, print; return 1 if a break was not noticed."""
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [each for each in BREAKS if not words or any(word in f"{each.promise} {each.what}" for word in words)]
    noticed = []
    with tempfile.TemporaryDirectory(prefix="tuza-broken-") as folder:
        copy = Path(folder) / "tuza"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        for each in chosen:
            said = notice(copy, each)
            noticed += [each] * (said == "noticed")
            print(f"{said:10} {each.promise}: {each.what} — {each.test}", flush=True)
    if "--write" in sys.argv and noticed == chosen:
        keep(chosen)
    return int(noticed != chosen)


def notice(copy: Path, each: Break) -> str:
    """Return whether the test fails on the broken copy, as a word."""
    file = copy / each.file
    whole = file.read_text()
    if each.old not in whole:
        return "NO FIT"
    file.write_text(whole.replace(each.old, each.new))
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += [
            "--hypothesis-profile=unshrunk",
            each.test,
        ]  # a failure is enough, the smallest example is not needed
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return "TOO LONG"
    finally:
        file.write_text(whole)
    return "noticed" if done.returncode == FAILED else "UNNOTICED"


def keep(breaks: list[Break]) -> None:
    """Write the table into the page, with the results of other runs."""
    rows = ["| promise | what was broken | in | noticed by |", "| --- | --- | --- | --- |"]
    before, rest = PAGE.read_text().split(BEGIN)
    kept = rest.split(END)[0].splitlines()
    for each in BREAKS:  # earlier results stay if the break is the same
        row = f"| {each.promise} | {each.what} | `{each.file}` | `{each.test}` |"
        rows += [row] * (each in breaks or row in kept)
    PAGE.write_text("\n".join([before + BEGIN, "", *rows, "", END + rest.split(END)[1]]))


if __name__ == "__main__":
    raise SystemExit(main())
