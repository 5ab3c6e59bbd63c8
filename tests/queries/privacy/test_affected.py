"""Who was affected between two times."""

from datetime import timedelta

from shop.queries.privacy.affected import list_affected, report_affected
from shop.services import audit_log, clock
from shop.services.customers.erasure.deletion import delete_customer
from tests import factories
from tests.factories import TESTER


def test_who_existed_who_was_named_and_what_was_exported(ctx):
    start = clock.now()
    with clock.moved_to(start + timedelta(hours=1)):
        jane, joe, gone = (factories.make_customer() for _ in range(3))
        audit_log.record_alone(TESTER, "customer.changed", f"customer:{jane.id}")
    with clock.moved_to(start + timedelta(hours=2)):
        audit_log.record_alone(TESTER, "customers.exported", "customers")
    with clock.moved_to(start + timedelta(hours=3)):
        factories.make_customer()
        delete_customer(gone.id, TESTER)
    until = start + timedelta(hours=2, minutes=30)
    report = report_affected(start, until)
    assert (report.entries_count, report.exports_count, report.named_count) == (2, 1, 1)
    assert (report.existing_count, report.erased) == (2, 1)
    assert [(one.id, one.named) for one in list_affected(start, until)] == [(jane.id, 1), (joe.id, 0)]


def test_another_time_has_nothing(ctx):
    factories.make_customer()
    long_ago = clock.now() - timedelta(days=9)
    report = report_affected(long_ago, long_ago + timedelta(days=1))
    assert (report.entries_count, report.existing_count) == (0, 0)
