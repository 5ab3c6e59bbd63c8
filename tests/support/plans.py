"""How a database would answer the queries of a call, as EXPLAIN says."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import event

from shop.db.compiled import statement_events
from shop.db.session import db

BIG = "customers|orders|order_items|loyalty_entries|loyalty_accounts|products|variants"
SCAN = re.compile(rf"SCAN ({BIG})\b(?!.* USING)|Seq Scan on ({BIG})\b")
BY_ID = re.compile(rf"ORDER BY ({BIG})\.id (ASC|DESC)\s+LIMIT")
WHOLE_SHOP = re.compile(rf"SEARCH ({BIG})\b(?!.*COVERING).*\(shop_id=\?\)$")


def explain(call: Callable[[], object]) -> Iterator[tuple[str, list[str]]]:
    """Yield each query that a call sends, and the lines of its plan, PostgreSQL's without sequential scans."""
    asked: list[tuple[str, Any]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        asked.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        with statement_events():
            call()
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
    connection = db.session.connection()
    is_postgres, raw = connection.dialect.name == "postgresql", connection.connection.driver_connection
    assert raw is not None
    if is_postgres:
        raw.execute("SET enable_seqscan = off")  # the tables of a test are so small that they would be scanned
    try:
        for statement, values in asked:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                rows = raw.execute(f"EXPLAIN {'' if is_postgres else 'QUERY PLAN '}{statement}", values).fetchall()
                yield statement, [row[0] if is_postgres else row[3] for row in rows]
    finally:
        if is_postgres:
            raw.execute("RESET enable_seqscan")


def scans(call: Callable[[], object]) -> list[tuple[str, list[str]]]:
    """Return the queries that read a big table row by row, or all rows of a shop to sort them."""
    return [(statement, plan) for statement, plan in explain(call) if _reads_all(statement, plan)]


def _reads_all(statement: str, plan: list[str]) -> bool:
    if "0 = 1" in statement:
        return False  # nothing can match, and nothing is read
    sorts = "USE TEMP B-TREE FOR ORDER BY" in plan
    in_order = not sorts and BY_ID.search(statement)  # read along the ids until a page is full
    scanned = any(SCAN.search(line) for line in plan) and not in_order
    return scanned or (sorts and any(WHOLE_SHOP.search(line) for line in plan))
