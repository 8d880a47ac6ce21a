"""The decision alone: may this caller call this model, and where would it go?"""

from __future__ import annotations

from types import TracebackType
from typing import Optional, Type

from ._ffi import core
from ._support import Handle, HeaderPairs, Text, bytes_in, pairs_in, take_text, time_of
from .clock import Clock
from .decision import Decision, decision_of


class Policy:
    """Made by `Gateway.policy()`; keeps the configuration that was in force then.

    May be used from any thread at once, and outlives its gateway.
    """

    def __init__(self, address: int, clock: Clock) -> None:
        self._handle = Handle(address, core.tg_policy_free, "policy")
        self._clock = clock

    def explain(self, request: Text, headers: HeaderPairs) -> Decision:
        """Decides about the body of a `POST /v1/messages`; `headers` hold the credential."""
        pairs, count = pairs_in(headers)
        with self._handle as address:
            return decision_of(
                take_text(
                    core.tg_policy_explain,
                    address,
                    pairs,
                    count,
                    bytes_in(request),
                    time_of(self._clock),
                )
            )

    def close(self) -> None:
        self._handle.close()

    def __enter__(self) -> "Policy":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()
