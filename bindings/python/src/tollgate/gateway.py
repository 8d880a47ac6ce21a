"""A loaded configuration, and everything that its exchanges share."""

from __future__ import annotations

import itertools
import json
import os
import threading
from ctypes import byref, sizeof
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, Type

from . import _ffi
from ._ffi import core
from ._ffi.constants import TG_REFERENCE_FILE
from ._support import (
    Closing,
    Handle,
    HeaderPairs,
    Text,
    bytes_in,
    call,
    make,
    number_in,
    take_text,
    text_out,
    time_of,
)
from .background import BackgroundWorker
from .clock import Clock, SystemClock
from .decision import Decision
from .exchange import Exchange
from .lookup import Lookup, environment_and_files
from .policy import Policy

if TYPE_CHECKING:
    from .aio import AsyncResponse, Transport
    from .blocking import Response
    from .drivers import CurlDriver
    from .messages import Request
    from .stores import Store

RecordSink = Callable[[bytes], None]

# Tokens are unique in the process, since gateways may share a driver.
_tokens = itertools.count(1)
_tokens_guard = threading.Lock()


class Wakers:
    """Whom to tell when the library says that an exchange can go on."""

    def __init__(self) -> None:
        self._targets: Dict[int, Callable[[], None]] = {}
        self.function = _ffi.WakeFn(self._wake)

    def add(self, target: Optional[Callable[[], None]]) -> int:
        with _tokens_guard:
            token = next(_tokens)
        if target is not None:
            self._targets[token] = target
        return token

    def set(self, token: int, target: Callable[[], None]) -> None:
        self._targets[token] = target

    def remove(self, token: int) -> None:
        self._targets.pop(token, None)

    def _wake(self, token: int, _: Optional[int]) -> None:
        # On any thread that is inside a call of the library: it may only schedule.
        target = self._targets.get(token)
        if target is not None:
            target()


class References:
    """Answers the library's look-ups, and keeps what a look-up raised."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        # A reload may run beside another one; what is kept belongs to its thread.
        self._of_thread = threading.local()
        self.function = _ffi.LookupFn(self._answer)

    def _answer(self, kind: int, name: _ffi.Bytes, value: Any, _: Optional[int]) -> int:
        try:
            word = "file" if kind == TG_REFERENCE_FILE else "env"
            found = self._lookup(word, text_out(name))
            if found is None:
                return 0
            if not isinstance(found, str):
                raise TypeError(f"a lookup gives str or None, not {type(found).__name__}")
            data = found.encode("utf-8")
        except BaseException as failure:  # An exception cannot cross the library.
            self._of_thread.failure = failure
            return 0
        self._of_thread.value = data
        value[0].data = data
        value[0].size = len(data)
        return 1

    def __enter__(self) -> None:
        self._of_thread.failure = None

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self._of_thread.value = None
        failure = self._of_thread.failure
        self._of_thread.failure = None
        if failure is not None:
            raise failure


class Gateway(Closing):
    """A configuration, ready to decide and to serve. May be used from any thread at once.

    text       The configuration: YAML (so JSON too), one or more documents.
    name       Its name in error messages.
    lookup     Answers "${NAME}" and "file:PATH"; the environment and files when not given.
    on_record  Gets the record of each exchange, one JSON object, on the thread that drives it.
    clock      The machine's, when not given.
    seed       128 bits for ids and draws; random when not given.
    store      Keeps the ledger (see tollgate.stores); without one budgets and limits count in this
               object alone, from zero.
    driver     Makes the upstream calls of `send()` and its like; one for the process when not given.

    Raises InvalidError when the configuration has errors: all of them in the message, one a line,
    and the place of the first in `path`.
    """

    def __init__(
        self,
        text: Text,
        *,
        name: str = "config",
        lookup: Optional[Lookup] = None,
        on_record: Optional[RecordSink] = None,
        clock: Optional[Clock] = None,
        seed: Optional[int] = None,
        store: "Optional[Store]" = None,
        driver: "Optional[CurlDriver]" = None,
        exchanges_max: int = 0,
        body_bytes_in_flight_max: int = 0,
    ) -> None:
        self.clock: Clock = clock if clock is not None else SystemClock()
        if store is not None and not callable(getattr(store, "apply", None)):
            raise TypeError(f"a store has apply(), as SqliteStore has; {type(store).__name__} has not")
        self.on_record = on_record
        self.driver = driver
        if seed is None:
            seed = int.from_bytes(os.urandom(16), "big")
        seed = number_in(seed, "seed", 128)
        self._wakers = Wakers()
        self._references = References(lookup if lookup is not None else environment_and_files)
        self._background = BackgroundWorker(self._wakers, self.clock, on_record, store)
        options = _ffi.GatewayOptions(
            struct_size=sizeof(_ffi.GatewayOptions),
            config_name=bytes_in(name),
            seed_high=(seed >> 64) & (2**64 - 1),
            seed_low=seed & (2**64 - 1),
            lookup=self._references.function,
            wake=self._wakers.function,
            background_wake_token=self._background.token,
            body_bytes_in_flight_max=number_in(
                body_bytes_in_flight_max, "body_bytes_in_flight_max", 64
            ),
            exchanges_max=number_in(exchanges_max, "exchanges_max", 32),
        )
        with self._references:
            made = make(core.tg_gateway_create, bytes_in(text), byref(options), time_of(self.clock))
        self._handle = Handle(made, core.tg_gateway_free, "gateway")

    def reload(self, text: Text) -> None:
        """Swaps in another configuration, all of it or nothing. Running exchanges finish on theirs."""
        with self._references, self._handle as address:
            call(core.tg_gateway_reload, address, bytes_in(text), time_of(self.clock))

    def explain(
        self, request: Text, headers: HeaderPairs, *, draws: int = 1, seed: int = 0
    ) -> Decision:
        """Decides about the body of a `POST /v1/messages` without sending it.

        `headers` hold the credential, as the client would send it. Nothing is called or reserved.
        `draws` and `seed` are those of `Policy.explain()`.
        """
        if self._background.store is not None:
            self.start_background()  # What was spent is in the store.
            self._background.wait_for_store()
        with self.policy() as policy:
            return policy.explain(request, headers, draws=draws, seed=seed)

    def policy(self) -> Policy:
        """The decision alone, of the configuration in force now."""
        with self._handle as address:
            made = make(core.tg_policy_create, address)
        return Policy(made, self.clock)

    def describe(self) -> Mapping[str, Any]:
        """The configuration in force: its models, its server document, its warnings; no secret."""
        with self._handle as address:
            found: Mapping[str, Any] = json.loads(take_text(core.tg_gateway_describe, address))
        return found

    def metrics(self) -> str:
        """The metrics in Prometheus text format."""
        with self._handle as address:
            return take_text(core.tg_gateway_metrics, address).decode("utf-8")

    def set_draining(self, draining: bool = True) -> None:
        """While draining `/readyz` answers 503 and new requests are refused; running ones go on."""
        with self._handle as address:
            core.tg_gateway_set_draining(address, 1 if draining else 0)

    @property
    def open_exchanges(self) -> int:
        """Exchanges that were made and not closed yet."""
        with self._handle as address:
            return int(core.tg_gateway_open_exchanges(address))

    def exchange(
        self,
        *,
        request_id: str = "",
        client_address: str = "",
        timeout_ns: int = 0,
        attempts_max: int = 0,
        on_wake: Optional[Callable[[], None]] = None,
    ) -> Exchange:
        """An exchange for a host that does its own I/O. `on_wake` may only schedule a `tick()`."""
        if self._background.store is not None:
            self.start_background()  # The store knows of every reservation from the first one on.
        return Exchange(
            self,
            request_id=request_id,
            client_address=client_address,
            timeout_ns=timeout_ns,
            attempts_max=attempts_max,
            on_wake=on_wake,
        )

    def send(self, request: "Request", *, client_address: str = "") -> "Response":
        """Sends a request through the gateway; returns once the answer's head is there."""
        from .blocking import send

        return send(self, request, client_address=client_address)

    async def asend(
        self,
        request: "Request",
        *,
        transport: "Optional[Transport]" = None,
        client_address: str = "",
    ) -> "AsyncResponse":
        """As `send()`, for asyncio. With a `transport` the upstream calls are made by it instead of
        the bundled driver. Cancelling the task cancels the upstream call."""
        from .aio import send

        return await send(self, request, transport=transport, client_address=client_address)

    def record(self, record: bytes) -> None:
        """Gives a record to `on_record`; for drivers."""
        if self.on_record is not None:
            self.on_record(record)

    def start_background(self) -> None:
        """Starts what the gateway does beside its exchanges, if it does not run yet; for drivers."""
        with self._handle as address:
            self._background.start(address)

    def close(self) -> None:
        """Ends the gateway's background work, hands out the last records and releases it. Exchanges
        that still run finish."""
        self._background.stop()
        self._handle.close()

    def __del__(self) -> None:
        background = getattr(self, "_background", None)
        if background is not None:
            background.abandon()
