"""Send webhooks: at most one request at a time to an endpoint, several endpoints at once."""

import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Final

from shop.services.webhooks.deliveries import create_all
from shop.services.webhooks.requests import WebhookResponse, post
from shop.services.webhooks.sending import OutgoingRequest, claim, finish
from shop.worker.registry import job

AT_ONCE: Final = 64
"""Endpoints that a worker process calls at the same time."""


@job("webhooks")
def send_webhooks(config: Mapping[str, Any], stop: threading.Event) -> int:
    """Create the deliveries of new events and send those that are due; return how many were sent.

    The requests run in threads of their own, everything that uses the database in this one.
    """
    create_all()
    sent, running = 0, dict[Future[WebhookResponse], OutgoingRequest]()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tuza-webhook") as pool:
        while not stop.is_set():
            for request in claim(AT_ONCE - len(running)) if len(running) < AT_ONCE else ():
                running[pool.submit(_send, request, config)] = request
            if not running:
                break
            done, _ = wait(running, config["WORKER_POLL_SECONDS"], FIRST_COMPLETED)
            for future in done:
                finish(running.pop(future), future.result())
                sent += 1
            create_all()
        for future, request in running.items():  # after stop: requests that have begun are recorded
            finish(request, future.result())
            sent += 1
    return sent


def _send(request: OutgoingRequest, config: Mapping[str, Any]) -> WebhookResponse:
    try:
        return post(request.url, request.headers, request.body, allow_private=config["WEBHOOK_ALLOW_PRIVATE"])
    except Exception as error:  # of one endpoint, which must not stop the others
        return WebhookResponse(None, f"{type(error).__name__}: {error}"[:500], 0)
