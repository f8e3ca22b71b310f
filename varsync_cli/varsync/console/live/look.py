"""What there is to see of a run: asked again and again, at a cost that does not matter to it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from varsync_runtime.course import Course, observations

SHARE = 0.02
"""Of a processor's time: so much may go into counting observations."""
SELDOM = 1.0
"""Seconds between two counts, at least."""


@dataclass
class Look:
    """At one run, from `begin` to `end`, which are called by the process that runs it."""

    course: Course | None = None
    begun: float = 0.0
    observations: int | None = None
    _over: threading.Event = field(default_factory=threading.Event)
    _asking: threading.Lock = field(default_factory=threading.Lock)
    _counter: threading.Thread | None = None

    def begin(self, course: Course) -> None:
        """The run goes on from now."""
        self.course, self.begun = course, time.monotonic()
        self._counter = threading.Thread(target=self._count, name="count", daemon=True)
        self._counter.start()

    def end(self) -> None:
        """Afterwards the run is not asked any more."""
        with self._asking:
            self._over.set()
        if self._counter is not None:
            self._counter.join()

    def _count(self) -> None:
        pause = SELDOM
        while not self._over.wait(pause) and self.course is not None:
            begun = time.thread_time()
            with self._asking:
                told = [] if self._over.is_set() else self.course.heard()
            self.observations = observations(told)
            pause = max(SELDOM, (time.thread_time() - begun) / SHARE)
