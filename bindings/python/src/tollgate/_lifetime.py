"""What must end before the interpreter does: threads that call back into it."""

from __future__ import annotations

import atexit
import weakref
from typing import Any, Set

# Every CurlDriver that is not closed. Held, because collecting one on its own thread could not end it.
drivers: Set[Any] = set()
# Every BackgroundWorker that was started.
workers: "weakref.WeakSet[Any]" = weakref.WeakSet()


def _end() -> None:
    # Drivers first: what they cut short leaves records, which the workers then hand out.
    for driver in list(drivers):
        driver.close()
    for worker in list(workers):
        worker.stop()


atexit.register(_end)
