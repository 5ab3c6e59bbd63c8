"""A semaphore that serves threads in the order in which they asked."""

import threading

import pytest

from shop.server.fifo_semaphore import FifoSemaphore

WAIT = 20


def test_it_can_be_taken_again_after_an_error():
    lock = FifoSemaphore(1)
    with pytest.raises(RuntimeError), lock:
        raise RuntimeError
    assert lock.acquire(timeout=0)


def test_waiting_threads_are_served_in_their_order():
    lock, served = FifoSemaphore(1), []
    lock.acquire()
    threads = []
    for number in range(5):

        def take(number=number):
            with lock:
                served.append(number)

        threads.append(threading.Thread(target=take))
        threads[-1].start()
        while len(lock._waiting) <= number:  # it has joined the queue
            threading.Event().wait(0.001)
    lock.release()
    for thread in threads:
        thread.join(WAIT)
    assert served == list(range(5))


def test_a_wait_that_is_over_leaves_the_queue():
    lock = FifoSemaphore(1)
    lock.acquire()
    assert not lock.acquire(timeout=0)
    assert not lock.acquire(timeout=0.01)
    lock.release()
    assert lock.acquire(timeout=0), "the slot was not granted to the one that had left"


def test_a_full_queue_refuses_at_once():
    lock = FifoSemaphore(1, most_waiting=1)
    lock.acquire()
    waiting = threading.Thread(target=lock.acquire)
    waiting.start()
    while not lock._waiting:  # it has joined the queue
        threading.Event().wait(0.001)
    assert not lock.acquire(timeout=WAIT)
    lock.release()
    waiting.join(WAIT)
    assert not waiting.is_alive()
