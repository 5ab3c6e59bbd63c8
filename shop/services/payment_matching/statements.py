"""Upload M-Pesa's statement: payments that never arrived are recorded as if they had been confirmed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO, Final

from sqlalchemy import select, update

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.payments.received import PaymentSource
from shop.domain.payments.statement import StatementLine, find_columns, parse_line
from shop.models import ReceivedPayment
from shop.services import audit_log, clock
from shop.services.actors import Actor
from shop.services.errors import InvalidInput
from shop.services.imports.reader import read_rows
from shop.services.payment_matching.matching import receive_payment
from shop.services.payments.received import Confirmation

MAX_LINES: Final = 20_000
AT_ONCE: Final = 500
SHOWN_ERRORS: Final = 20


@dataclass(slots=True)
class StatementResult:
    """The contents of a statement: payments, the number of new ones, those with another amount, unreadable rows."""

    payments: int = 0
    new: int = 0
    differing: list[str] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)
    last: StatementLine | None = None


def upload_statement(file: IO[bytes], actor: Actor) -> StatementResult:
    """Compare a statement with the received payments, and record those that are missing. A second time changes nothing.

    Rows that cannot be read are named in the result and skipped. Raises InvalidInput for a file without the statement's
    headings, or with more than 20,000 payments.
    """
    result = StatementResult()
    lines = list(_read(file, result))
    for start in range(0, len(lines), AT_ONCE):
        _compare(lines[start : start + AT_ONCE], result)
    result.payments, result.last = len(lines), max(lines, key=lambda line: line.paid_at, default=None)
    with transaction():
        audit_log.record(actor, "payment.statement", "payments", new=f"{result.payments}, {result.new}")
    return result


def _read(file: IO[bytes], result: StatementResult) -> Iterator[StatementLine]:
    columns, count = None, 0
    for number, row in enumerate(read_rows(file), start=1):
        if columns is None:
            columns = find_columns(row)
            continue
        try:
            line = parse_line(row, columns)
        except ValueError as invalid:
            if len(result.errors) < SHOWN_ERRORS:
                result.errors.append((number, str(invalid)))
            continue
        if line is not None:
            count += 1
            if count > MAX_LINES:
                raise InvalidInput.of("file", "must have at most %(limit)s payments", limit=MAX_LINES)
            yield line
    if columns is None:
        raise InvalidInput.of("file", "must have the columns Receipt No., Completion Time and Paid In")


def _compare(lines: Sequence[StatementLine], result: StatementResult) -> None:
    row = ReceivedPayment
    known = select(row.transaction_id, row.amount_cents).where(
        row.transaction_id.in_([one.transaction_id for one in lines])
    )
    amounts = {found.transaction_id: found.amount_cents for found in db.session.execute(known)}
    for line in lines:
        if line.transaction_id not in amounts:
            receive_payment(_confirmation(line))
            amounts[line.transaction_id] = line.amount_cents
            result.new += 1
        elif amounts[line.transaction_id] != line.amount_cents:
            result.differing.append(line.transaction_id)
    with transaction() as session:
        for line in lines:
            session.execute(
                update(row)
                .where(
                    row.transaction_id == line.transaction_id, row.statement_cents.is_distinct_from(line.amount_cents)
                )
                .values(statement_cents=line.amount_cents, updated_at=clock.now())
                .execution_options(synchronize_session=False)
            )


def _confirmation(line: StatementLine) -> Confirmation:
    return Confirmation(
        line.transaction_id,
        line.paid_at,
        line.amount_cents,
        account=line.account,
        payer=line.payer,
        payer_name=line.payer_name,
        source=PaymentSource.STATEMENT,
    )
