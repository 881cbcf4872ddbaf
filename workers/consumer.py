"""Who listens for doorbells? Dramatiq's threads, replaced where one of them has died."""

import asyncio

import structlog
from dramatiq import Worker
from dramatiq.brokers.redis import RedisBroker

from workers.broker import use_loop
from workers.waiting import set_within

IDLE_MILLISECONDS = 100
WATCH_SECONDS = 1.0
STOP_MILLISECONDS = 15_000

_log = structlog.get_logger(component="jobs")


class Listener:
    def __init__(self, broker: RedisBroker, *, threads: int) -> None:
        self._broker = broker
        self._threads = threads
        self.worker: Worker | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop`; then what was begun is finished, and what was fetched given back."""
        use_loop(asyncio.get_running_loop())
        try:
            while not stop.is_set():
                self.worker = self._started()
                while self._is_whole() and not await set_within(stop, WATCH_SECONDS):
                    continue
                if not stop.is_set():
                    _log.error("a thread that listens for doorbells has died; all are replaced")
                await asyncio.to_thread(self._stop, self.worker)
        finally:
            use_loop(None)

    def _started(self) -> Worker:
        worker = Worker(
            self._broker, worker_threads=self._threads, worker_timeout=IDLE_MILLISECONDS
        )
        worker.start()
        return worker

    def _stop(self, worker: Worker) -> None:
        worker.stop(timeout=STOP_MILLISECONDS)
        # Each start adds one, which would hold the old worker for ever.
        self._broker.middleware = [
            one for one in self._broker.middleware if getattr(one, "worker", None) is not worker
        ]

    def _is_whole(self) -> bool:
        assert self.worker is not None
        threads = [*self.worker.consumers.values(), *self.worker.workers]
        return all(thread.is_alive() for thread in threads)
