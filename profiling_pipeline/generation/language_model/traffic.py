"""When requests may be sent: as many at once as the endpoint takes, none while it asks to wait or is down."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from profiling_pipeline.errors import ModelError, ModelUnavailableError

FAILURES_TO_REST = 8  # in a row, whichever requests they belong to
RESTS = 2
_REST = 8  # times the first wait of a request that failed


class Traffic:
    """Lets requests of several threads through.

    An endpoint that is asked too much gets half as many requests at once, and with each answer a few more. One that
    fails again and again gets none for a while (the circuit is open); then a single one tries it (half open), and an
    answer to that lets all through. After two such rests nothing more is sent.
    """

    def __init__(self, place: str, parallel: int, retry_seconds: float) -> None:
        self._place, self._parallel, self._rest_seconds = place, parallel, _REST * retry_seconds
        self._changed = Condition()
        self._room = float(parallel)
        self._under_way = 0
        self._not_before = 0.0
        self._failures = 0
        self._rests = 0
        self._is_open = False
        self._ended_by: ModelError | None = None

    @contextmanager
    def passage(self) -> Iterator[bool]:
        """Wait until a request may be sent, and yield whether it is the one that tries an endpoint that was down.

        Raises:
            ModelError: Nothing more is sent; it says why.
        """
        with self._changed:
            while (wait := self._wait()) is None or wait > 0:
                self._changed.wait(wait)
            self._under_way += 1
            is_trial = self._is_open
        try:
            yield is_trial
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Let the calling thread wait, at most until nothing more is sent."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended_by is not None, seconds)

    def answered(self) -> None:
        """Note that the endpoint is well."""
        with self._changed:
            self._failures = self._rests = 0
            self._is_open = False
            self._room = min(self._parallel, self._room + 1 / self._room)
            self._changed.notify_all()

    def asked_too_much(self, wait_seconds: float) -> None:
        """Send nothing for so long, and less at once from then on."""
        with self._changed:
            self._room = max(1.0, self._room / 2)
            self._wait_for(wait_seconds)

    def failed(self, error: ModelUnavailableError, *, is_trial: bool, wait_seconds: float | None = None) -> None:
        """Note that the endpoint failed, and how long it asked to wait."""
        with self._changed:
            self._failures += 1
            self._wait_for(wait_seconds or 0)
            if is_trial or (self._failures >= FAILURES_TO_REST and not self._is_open):
                self._rest(error)

    def end(self, error: ModelError) -> None:
        """Send nothing more, and end all waiting."""
        with self._changed:
            self._ended_by = self._ended_by or error
            self._changed.notify_all()

    def _rest(self, error: ModelUnavailableError) -> None:
        if self._rests == RESTS:
            self.end(
                ModelUnavailableError(
                    f"{self._place} failed {self._failures} times in a row and is not asked any more. {error} "
                    "Generate again once it answers: what was answered is kept."
                )
            )
            return
        self._is_open = True
        self._wait_for(self._rest_seconds * 2**self._rests)
        self._rests += 1

    def _wait_for(self, seconds: float) -> None:
        self._not_before = max(self._not_before, monotonic() + seconds)
        self._changed.notify_all()

    def _wait(self) -> float | None:
        """Return the seconds to wait before sending a request, None for until something changes."""
        if self._ended_by is not None:
            raise self._ended_by
        if (left := self._not_before - monotonic()) > 0:
            return left
        room = 1 if self._is_open else int(self._room)
        return 0 if self._under_way < room else None
