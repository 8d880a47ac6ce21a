"""What the policy says about a request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple


@dataclass(frozen=True)
class Denial:
    """Why a request would be refused, as its client would see it."""

    status: int
    type: str
    message: str


@dataclass(frozen=True)
class Candidate:
    """A target that was looked at, as `account/integration`."""

    target: str
    verdict: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """May this caller send this request, where would it go, and what would be reserved.

    Of limits `allowed` counts what is settled and not what others hold right now; `reservations` say
    of each whether the request `fits` as it is, now. `cost_bound` is the most that it may cost, in
    USD; None where no target was looked at. `raw` is the library's whole answer, also what this
    class has no name for.
    """

    allowed: bool
    denial: Optional[Denial]
    principal: str
    candidates: Tuple[Candidate, ...]
    distribution: Mapping[str, int]
    reservations: Tuple[Mapping[str, Any], ...]
    cost_bound: Optional[float]
    notes: Tuple[str, ...]
    raw: Mapping[str, Any] = field(repr=False)

    def __bool__(self) -> bool:
        return self.allowed

    @property
    def target(self) -> str:
        """The first target that would be called, or an empty text."""
        chosen = (c.target for c in self.candidates if c.verdict == "chosen")
        return next(chosen, "")


def decision_of(text: bytes) -> Decision:
    raw = json.loads(text)
    denial = raw.get("denial")
    return Decision(
        allowed=bool(raw["allowed"]),
        denial=Denial(denial["status"], denial["type"], denial["message"]) if denial else None,
        principal=raw.get("principal", ""),
        candidates=tuple(
            Candidate(c["target"], c["verdict"], c.get("reason", ""))
            for c in raw.get("candidates", ())
        ),
        distribution=dict(raw.get("distribution", {})),
        reservations=tuple(raw.get("reservations", ())),
        cost_bound=raw.get("cost_bound"),
        notes=tuple(str(note) for note in raw.get("notes", ())),
        raw=raw,
    )
