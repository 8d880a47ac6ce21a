"""One client request, from its head to its record, without I/O: events in, actions out."""

from __future__ import annotations

import threading
from ctypes import byref, c_uint32, sizeof
from typing import TYPE_CHECKING, Any, Callable, List, Optional

from . import _ffi
from ._ffi import core
from ._ffi.constants import TG_ACTION_DONE, TG_ACTION_WAIT
from ._support import (
    Closing,
    Handle,
    HeaderPairs,
    Text,
    bytes_in,
    call,
    make,
    number_in,
    pairs_in,
    time_of,
)
from .actions import Action, Failure, action_of

if TYPE_CHECKING:
    from .gateway import Gateway

_BATCH = 8


class Exchange(Closing):
    """Made by `Gateway.exchange()`. Closing it before `Done` counts as a client that left.

    Threads may take turns; calls of two at once wait for each other.
    """

    def __init__(
        self,
        gateway: "Gateway",
        *,
        request_id: str = "",
        client_address: str = "",
        timeout_ns: int = 0,
        attempts_max: int = 0,
        on_wake: Optional[Callable[[], None]] = None,
    ) -> None:
        timeout_ns = number_in(timeout_ns, "timeout_ns", 64)
        attempts_max = number_in(attempts_max, "attempts_max", 32)
        # The gateway's callbacks must live as long as this does.
        self._gateway = gateway
        self._clock = gateway.clock
        self._token = gateway._wakers.add(on_wake)
        options = _ffi.ExchangeOptions(
            struct_size=sizeof(_ffi.ExchangeOptions),
            request_id=bytes_in(request_id),
            client_address=bytes_in(client_address),
            timeout_ns=timeout_ns,
            wake_token=self._token,
            attempts_max=attempts_max,
        )
        try:
            with gateway._handle as address:
                made = make(core.tg_exchange_create, address, byref(options), time_of(self._clock))
        except BaseException:
            gateway._wakers.remove(self._token)
            raise
        self._handle = Handle(made, core.tg_exchange_free, "exchange")
        self._turn = threading.Lock()
        self._batch: Any = None
        self._done = False

    # Events of the client.

    def client_head(self, method: str, target: Text, headers: HeaderPairs) -> None:
        """The request's head, once, first. `target` is path and query as they were received."""
        pairs, count = pairs_in(headers)
        self._feed(core.tg_exchange_client_head, bytes_in(method), bytes_in(target), pairs, count)

    def client_body(self, body: bytes) -> None:
        """Bytes of the request's body, in any pieces."""
        self._feed(core.tg_exchange_client_body, bytes_in(body))

    def client_end(self) -> None:
        """The request is complete, also one without a body."""
        self._feed(core.tg_exchange_client_end)

    def client_gone(self) -> None:
        """The client closed or reset the connection. Allowed at any time."""
        self._feed(core.tg_exchange_client_gone)

    def client_blocked(self) -> None:
        """The client takes no bytes for now: feed no upstream bytes until it does."""
        self._feed(core.tg_exchange_client_blocked)

    def client_unblocked(self) -> None:
        self._feed(core.tg_exchange_client_unblocked)

    # Events of an upstream attempt, by the number of its UpstreamOpen. Those of an attempt that has
    # ended or was cancelled are ignored.

    def upstream_sent(self, attempt: int) -> None:
        """The attempt's whole body has left our hands. Optional; frees it early."""
        self._feed(core.tg_exchange_upstream_sent, attempt)

    def upstream_head(self, attempt: int, status: int, headers: HeaderPairs) -> None:
        pairs, count = pairs_in(headers)
        self._feed(core.tg_exchange_upstream_head, attempt, status, pairs, count)

    def upstream_body(self, attempt: int, body: bytes) -> None:
        self._feed(core.tg_exchange_upstream_body, attempt, bytes_in(body))

    def upstream_end(self, attempt: int) -> None:
        """The answer ended as HTTP says it should."""
        self._feed(core.tg_exchange_upstream_end, attempt)

    def upstream_failed(self, attempt: int, failure: Failure, detail: str = "") -> None:
        """No answer, or one that broke off. `detail` goes to the record, never to the client."""
        self._feed(core.tg_exchange_upstream_failed, attempt, int(failure), bytes_in(detail))

    def tick(self) -> None:
        """The deadline of the last Wait has come, or the exchange was woken."""
        self._feed(core.tg_exchange_tick)

    def _feed(self, function: Callable[..., int], *arguments: Any) -> None:
        with self._turn, self._handle as address:
            call(function, address, *arguments, time_of(self._clock))

    def actions(self) -> List[Action]:
        """What to do now, in order; the last one is `Wait` or `Done`. Pull after every event."""
        found: List[Action] = []
        with self._turn, self._handle as address:
            while not self._pull(address, found):
                pass
        return found

    def _pull(self, address: int, found: List[Action]) -> bool:
        """Takes one batch; true when nothing follows it for now."""
        batch = self._batch
        if batch is None:
            batch = self._batch = (_ffi.Action * _BATCH)()
            for action in batch:
                action.struct_size = sizeof(_ffi.Action)
        count = c_uint32()
        call(core.tg_exchange_next_actions, address, batch, _BATCH, byref(count))
        kind = TG_ACTION_WAIT
        for index in range(count.value):
            kind = batch[index].kind
            action = action_of(batch[index])
            if action is not None:
                found.append(action)
        self._done = kind == TG_ACTION_DONE
        return self._done or kind == TG_ACTION_WAIT

    @property
    def gateway(self) -> "Gateway":
        return self._gateway

    @property
    def token(self) -> int:
        """The number under which the library wakes this exchange."""
        return self._token

    @property
    def done(self) -> bool:
        return self._done

    def close(self) -> None:
        """Releases the exchange. Before `Done`: what may have been billed is settled, upstream
        attempts are the host's to stop, and first."""
        self._gateway._wakers.remove(self._token)
        self._handle.close()

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self.close()
