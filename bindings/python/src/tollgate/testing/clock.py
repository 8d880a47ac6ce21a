"""A clock that stands still until it is told to move."""

from __future__ import annotations

from datetime import datetime, timezone


class FakeClock:
    """Time for tests. `at` is RFC 3339; without a zone it is UTC."""

    def __init__(self, at: str = "2026-01-01T00:00:00Z") -> None:
        self._wall_ns = _parse(at)
        self._mono_ns = 1_000_000_000

    def mono_ns(self) -> int:
        return self._mono_ns

    def wall_ms(self) -> int:
        return self._wall_ns // 1_000_000

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._wall_ns / 1e9, timezone.utc)

    def advance(self, seconds: float) -> None:
        self.advance_ns(round(seconds * 1e9))

    def advance_ns(self, nanoseconds: int) -> None:
        if nanoseconds < 0:
            raise ValueError("time does not go back")
        self._mono_ns += nanoseconds
        self._wall_ns += nanoseconds

    def advance_to(self, at: str) -> None:
        """Moves to a later moment, say the next budget window."""
        self.advance_ns(_parse(at) - self._wall_ns)


def _parse(at: str) -> int:
    moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return round(moment.timestamp() * 1e6) * 1000
