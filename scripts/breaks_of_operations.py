"""The breaks of ``break_promises.py`` about kills, backups, the ledger check, metrics and logs.

Each: the guarantee, the change, the file, the old text, the new text, the test that must fail.
"""

KILL = "tests/test_kill.py::test_an_order_killed_at_any_write_is_whole_or_not_there[sqlite]"
BACKUPS, METRICS, NIGHT = (
    "tests/backups/test_backups.py",
    "tests/observability/test_metrics.py",
    "tests/services/loyalty/test_nightly_check.py",
)
BREAKS = (
    (
        "orders are all or nothing",
        "an order is committed before its customer's totals",
        "shop/services/orders/placement.py",
        "        customer_totals.apply(order)\n",
        "        __import__('shop.db.session').db.session.db.session.commit()\n        customer_totals.apply(order)\n",
        KILL,
    ),
    (
        "orders are all or nothing",
        "a stored response is written after the transaction of its effect",
        "shop/services/idempotency.py",
        "            result = answer(work())\n            _finish(request, owner, result)\n",
        "            result = answer(work())\n        with transaction():\n"
        "            _finish(request, owner, result)\n",
        KILL,
    ),
    (
        "queued mail is sent",
        "a message is marked sent before it is sent",
        "shop/worker/jobs/outbox.py",
        "        transport.send(rendered)\n",
        '        outbox.mark_done(message, "sent")\n        transport.send(rendered)\n',
        "tests/worker/jobs/test_outbox.py::test_mail_outlives_a_server_that_is_down_for_a_while[sqlite]",
    ),
    (
        "an unavailable database",
        "the response has no Retry-After",
        "shop/web/error_handlers.py",
        '    response.headers["Retry-After"] = str(RETRY_SECONDS)\n',
        "",
        "tests/web/test_health.py",
    ),
    (
        "the ledger can be verified",
        "the balance after an entry is not checked",
        "shop/services/loyalty/verification.py",
        "if entry.balance_after != self._balance:",
        "if entry.balance_after < 0:",
        "tests/services/loyalty/test_verification.py",
    ),
    (
        "the ledger is checked every night",
        "every worker does the check",
        "shop/services/loyalty/nightly_check.py",
        "return session.execute(left.values(started_at=now).returning(row.id)).first() is not None",
        "return True",
        f"{NIGHT}::test_of_many_workers_one_does_the_check[postgresql]",
    ),
    (
        "the ledger is checked every night",
        "wrong accounts are not counted",
        "shop/services/loyalty/nightly_check.py",
        '        "faults": len(report.faults),\n        "first_faults"',
        '        "faults": 0,\n        "first_faults"',
        "tests/staff/test_overview.py::test_an_account_that_is_off_leads_to_the_customer[sqlite]",
    ),
    (
        "backups",
        "the database file is copied without its log",
        "shop/backups/sqlite.py",
        '        old.backup(new)\n        new.execute("PRAGMA journal_mode = DELETE")',
        "        import shutil\n\n        shutil.copyfile(source, target)",
        f"{BACKUPS}::test_what_is_put_back_is_what_was_there[sqlite]",
    ),
    (
        "backups",
        "a backup is not compared with its manifest",
        "shop/backups/work.py",
        "    if found.schema != manifest.schema:\n",
        "    return\n    if found.schema != manifest.schema:\n",
        f"{BACKUPS}::test_a_damaged_backup_is_found_out",
    ),
    (
        "backups",
        "a restore replaces a shop without --yes",
        "shop/cli/commands/backup.py",
        "if not yes and is_taken(installation):",
        "if False:",
        f"{BACKUPS}::test_nothing_is_replaced_without_confirmation[sqlite]",
    ),
    (
        "metrics",
        "they need no token",
        "shop/observability/metrics.py",
        "    token = current_app.config",
        "    return\n    token = current_app.config",
        f"{METRICS}::test_a_wrong_token_is_refused",
    ),
    (
        "metrics",
        "requests are counted by path, which has ids",
        "shop/observability/metrics.py",
        "asked.url_rule.rule if asked.url_rule is not None",
        "asked.path if asked.url_rule is not None",
        f"{METRICS}::test_requests_are_counted_by_route_and_status_without_ids[sqlite]",
    ),
    (
        "metrics",
        "points are counted before they are committed",
        "shop/db/transaction.py",
        "    session.info.setdefault(_AFTERWARDS, []).append(run)\n",
        "    run()\n",
        f"{METRICS}::test_awards_and_redemptions_are_counted_once_they_are_certain[sqlite]",
    ),
    (
        "logs explain failures",
        "a refusal's code is not logged",
        "shop/observability/access_log.py",
        "fields | _outcome(response)",
        "fields",
        "tests/observability/test_logs.py::test_the_log_lines_of_a_failed_checkout_share_a_request_id[sqlite]",
    ),
    (
        "logs explain failures",
        "the worker logs recipients",
        "shop/worker/jobs/outbox.py",
        "    return known | ids\n",
        '    return known | ids | {"to": message.recipient}\n',
        "tests/observability/test_logs.py::test_the_log_lines_of_a_failed_checkout_share_a_request_id[sqlite]",
    ),
)
