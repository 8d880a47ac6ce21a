"""The time that the library is told; it reads no clock itself."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What a gateway asks for the time."""

    def mono_ns(self) -> int:
        """Nanoseconds that never go back."""

    def wall_ms(self) -> int:
        """Milliseconds since 1970, UTC."""


class SystemClock:
    """The machine's clocks, the ones the libcurl driver reads too."""

    def mono_ns(self) -> int:
        return time.monotonic_ns()

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000
