"""The cost of placing an order with five endpoints, compared with none."""

import statistics
import time
from dataclasses import dataclass
from typing import Any

from shop.services.webhooks.endpoints import create_endpoint, delete_endpoint, list_endpoints
from tests import factories

BLOCKS = 20


@dataclass(frozen=True)
class Cost:
    """Milliseconds of an order, the median: of this process' processor, and as the caller waits."""

    cpu: float
    waited: float


def measure(orders: int) -> tuple[Cost, Cost]:
    """Return the cost without endpoints and with five, measured in turns."""
    for endpoint in list_endpoints():
        delete_endpoint(endpoint.id, factories.TESTER)
    customer, product = factories.make_customer(), factories.make_product()
    times: dict[int, list[tuple[float, float]]] = {0: [], 5: []}
    _time_order(customer, product)
    for _ in range(BLOCKS):
        for endpoints in times:
            for _ in range(endpoints):
                create_endpoint("http://sound.webhooks.example/", ["*"], factories.TESTER)
            times[endpoints] += [_time_order(customer, product) for _ in range(orders // BLOCKS)]
            for endpoint in list_endpoints():
                delete_endpoint(endpoint.id, factories.TESTER)
    medians = [[statistics.median(part) for part in zip(*found, strict=True)] for found in times.values()]
    return Cost(*medians[0]), Cost(*medians[1])


def _time_order(customer: Any, product: Any) -> tuple[float, float]:
    cpu, waited = time.process_time(), time.perf_counter()
    factories.place(customer, [(product, 1)])
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - waited) * 1000
