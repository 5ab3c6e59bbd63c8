"""Do a job's work shop by shop: a shop that fails stops no other."""

import threading
from collections.abc import Callable, Iterable

from shop.db.session import db
from shop.db.tenant import in_shop


def for_each_shop(shop_ids: Iterable[int], work: Callable[[], int], stop: threading.Event) -> int:
    """Call ``work`` within each shop until ``stop`` is set; return the sum of the results.

    The last failure is raised when all shops had their turn.
    """
    done, failed = 0, None
    for shop_id in shop_ids:
        if stop.is_set():
            break
        with in_shop(shop_id):
            try:
                done += work()
            except Exception as error:  # the other shops continue; the loop logs this error and tries again
                failed = error
            db.session.rollback()
    if failed is not None:
        raise failed
    return done
