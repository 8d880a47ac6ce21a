"""The decision alone: may this caller call this model, and where would it go?"""

from __future__ import annotations


from ._ffi import core
from ._support import Closing, Handle, HeaderPairs, Text, bytes_in, pairs_in, take_text, time_of
from .clock import Clock
from .decision import Decision, decision_of
from .errors import InvalidError


class Policy(Closing):
    """Made by `Gateway.policy()`; keeps the configuration that was in force then.

    May be used from any thread at once, and outlives its gateway.
    """

    def __init__(self, address: int, clock: Clock) -> None:
        self._handle = Handle(address, core.tg_policy_free, "policy")
        self._clock = clock

    def explain(
        self, request: Text, headers: HeaderPairs, *, draws: int = 1, seed: int = 0
    ) -> Decision:
        """Decides about the body of a `POST /v1/messages`; `headers` hold the credential.

        With `draws` the `distribution` counts where the requests of that many conversations would
        go, 1 to 1,000,000; the rest tells of the first. The same `seed` gives the same decision; 0
        is the draw of the request's own conversation.
        """
        if not 0 <= draws < 2**32 or not 0 <= seed < 2**64:  # ctypes would cut them silently.
            raise InvalidError("draws is not from 1 to 1000000, or seed not from 0 to 2**64 - 1")
        pairs, count = pairs_in(headers)
        with self._handle as address:
            return decision_of(
                take_text(
                    core.tg_policy_explain_draws,
                    address,
                    pairs,
                    count,
                    bytes_in(request),
                    time_of(self._clock),
                    seed,
                    draws,
                )
            )

    def close(self) -> None:
        self._handle.close()
