"""How the promises about kills, backups, the ledger's check and the figures are broken (``break_promises.py``).

Each: the promise, what is done, the file, the old text, the new text, the test that must notice.
"""

KILL = "tests/test_kill.py::test_an_order_killed_at_any_write_is_whole_or_not_there[sqlite]"
BACKUPS, METRICS, NIGHT = (
    "tests/backups/test_backups.py",
    "tests/observability/test_metrics.py",
    "tests/services/loyalty/test_nightly_check.py",
)
BREAKS = (
    (
        "nothing half-done",
        "an order is committed before its customer's totals",
        "shop/services/orders/placement.py",
        "        customer_totals.apply(order)\n",
        "        __import__('shop.db.session').db.session.db.session.commit()\n        customer_totals.apply(order)\n",
        KILL,
    ),
    (
        "nothing half-done",
        "a kept answer is written after the transaction of its effect",
        "shop/services/idempotency.py",
        "            result = answer(work())\n            _finish(request, owner, result)\n",
        "            result = answer(work())\n        with transaction():\n"
        "            _finish(request, owner, result)\n",
        KILL,
    ),
    (
        "mail that was promised is sent",
        "a message is closed before it is handed over",
        "shop/worker/jobs/outbox.py",
        "        transport.send(rendered)\n",
        '        outbox.mark_done(message, "sent")\n        transport.send(rendered)\n',
        "tests/worker/jobs/test_outbox.py::test_mail_outlives_a_server_that_is_down_for_a_while[sqlite]",
    ),
    (
        "a database that is away",
        "the answer does not say when to try again",
        "shop/web/error_handlers.py",
        '    response.headers["Retry-After"] = str(RETRY_SECONDS)\n',
        "",
        "tests/web/test_health.py",
    ),
    (
        "the ledger proves itself",
        "the balance after an entry is not looked at",
        "shop/services/loyalty/verification.py",
        "if entry.balance_after != self._balance:",
        "if entry.balance_after < 0:",
        "tests/services/loyalty/test_verification.py",
    ),
    (
        "the ledger is checked every night",
        "every worker takes the check",
        "shop/services/loyalty/nightly_check.py",
        "return session.execute(taken).first() is not None",
        "return True",
        f"{NIGHT}::test_of_many_workers_one_does_the_check[postgresql]",
    ),
    (
        "the ledger is checked every night",
        "accounts that are off are not counted",
        "shop/services/loyalty/nightly_check.py",
        '        "faults": len(report.faults),\n        "first_faults"',
        '        "faults": 0,\n        "first_faults"',
        "tests/staff/test_overview.py::test_an_account_that_is_off_leads_to_the_customer[sqlite]",
    ),
    (
        "backups",
        "the database's file is copied as it lies there",
        "shop/backups/sqlite.py",
        '        old.backup(new)\n        new.execute("PRAGMA journal_mode = DELETE")',
        "        import shutil\n\n        shutil.copyfile(source, target)",
        f"{BACKUPS}::test_what_is_put_back_is_what_was_there[sqlite]",
    ),
    (
        "backups",
        "rows are not counted when a backup is set up",
        "shop/backups/work.py",
        "    if found.schema != manifest.schema:\n",
        "    return\n    if found.schema != manifest.schema:\n",
        f"{BACKUPS}::test_a_damaged_backup_is_found_out",
    ),
    (
        "backups",
        "a shop is replaced without being told to",
        "shop/cli/commands/backup.py",
        "if not yes and is_taken(installation):",
        "if False:",
        f"{BACKUPS}::test_nothing_is_replaced_without_being_told_to[sqlite]",
    ),
    (
        "figures for those who watch",
        "anybody may read them",
        "shop/observability/metrics.py",
        "    token = current_app.config",
        "    return\n    token = current_app.config",
        f"{METRICS}::test_a_wrong_token_is_refused",
    ),
    (
        "figures for those who watch",
        "requests are counted by their path, which holds ids",
        "shop/observability/metrics.py",
        "asked.url_rule.rule if asked.url_rule is not None",
        "asked.path if asked.url_rule is not None",
        f"{METRICS}::test_requests_are_counted_by_route_and_status_without_ids[sqlite]",
    ),
    (
        "figures for those who watch",
        "points are counted before they are committed",
        "shop/db/transaction.py",
        "    session.info.setdefault(_AFTERWARDS, []).append(run)\n",
        "    run()\n",
        f"{METRICS}::test_awards_and_redemptions_are_counted_once_they_are_certain[sqlite]",
    ),
    (
        "the log tells the story",
        "a refusal's code is not in its line",
        "shop/observability/access_log.py",
        "fields | _outcome(response)",
        "fields",
        "tests/observability/test_logs.py::test_the_lines_of_a_checkout_that_failed_tell_its_story[sqlite]",
    ),
    (
        "the log tells the story",
        "the worker says to whom a mail went",
        "shop/worker/jobs/outbox.py",
        "    return known | ids\n",
        '    return known | ids | {"to": message.recipient}\n',
        "tests/observability/test_logs.py::test_the_lines_of_a_checkout_that_failed_tell_its_story[sqlite]",
    ),
)
