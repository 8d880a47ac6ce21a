"""Sending requests from asyncio, with the bundled driver or with an HTTP client of your own."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import (
    TYPE_CHECKING,
    Any,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Optional,
    Type,
    TypeVar,
)

from ._support import Single
from .drivers.curl import default_driver
from .drivers.delivery import Delivery
from .errors import AnswerCutError, StateError
from .intake import Intake
from .messages import Headers, Request
from .sse import Event, EventQueue
from .transport import Transport, UpstreamAnswer, UpstreamError, run

if TYPE_CHECKING:
    from .gateway import Gateway

Item = TypeVar("Item")

__all__ = [
    "AsyncResponse",
    "Transport",
    "UpstreamAnswer",
    "UpstreamError",
    "send",
]


class _Changed:
    """An event of this loop that any thread may set."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def set(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._event.set)
        except RuntimeError:
            pass  # The loop has ended, and with it whoever would read.

    def clear(self) -> None:
        self._event.clear()

    async def wait(self) -> None:
        await self._event.wait()

    def check_loop(self) -> None:
        if asyncio.get_running_loop() is not self._loop:
            # What the driver tells would wake a loop that nobody waits in.
            raise StateError("this answer belongs to the event loop in which it was asked for")


class _Stepwise(AsyncIterator[Item]):
    """Asks for one item after the other until it is given None.

    No generator: one would have ended when a step of it was cancelled, as by asyncio.wait_for(), and
    whoever goes on would take that for the answer's end.
    """

    def __init__(self, step: Callable[[], Awaitable[Optional[Item]]]) -> None:
        self._step = step
        self._ended = False

    async def __anext__(self) -> Item:
        item = None if self._ended else await self._step()
        if item is None:
            self._ended = True
            raise StopAsyncIteration
        return item


async def send(
    gateway: "Gateway",
    request: Request,
    *,
    transport: Optional[Transport] = None,
    client_address: str = "",
) -> "AsyncResponse":
    changed = _Changed()
    intake = Intake(gateway, Delivery(changed.set, gateway.record), client_address)
    intake.head(request.method, request.target, request.headers)
    intake.body(request.body)
    intake.end()
    response = start(gateway, intake, changed, transport)
    try:
        await response.wait_for_head()
    except BaseException:
        response.close()
        raise
    return response


def new_intake(gateway: "Gateway", client_address: str) -> "tuple[Intake, _Changed]":
    """For servers that read the request's body piece by piece."""
    changed = _Changed()
    return Intake(gateway, Delivery(changed.set, gateway.record), client_address), changed


def start(
    gateway: "Gateway", intake: Intake, changed: _Changed, transport: Optional[Transport]
) -> "AsyncResponse":
    """Runs a request that was fed."""
    exchange = intake.exchange
    if exchange.done:
        exchange.close()
        return AsyncResponse(intake.delivery, changed, None)
    if transport is not None:
        task = asyncio.ensure_future(run(exchange, intake.delivery, transport))
        task.add_done_callback(lambda ended: _settle(ended, intake))

        def cancel() -> None:
            task.cancel()
    else:
        driver = gateway.driver if gateway.driver is not None else default_driver()
        try:
            driver.submit(exchange, intake.delivery)
        except BaseException:
            exchange.close()
            raise

        def cancel() -> None:
            driver.client_gone(exchange)

    return AsyncResponse(intake.delivery, changed, cancel)


def _settle(task: "asyncio.Future[None]", intake: Intake) -> None:
    # A task that is cancelled before its first step never reaches its own end.
    if not intake.delivery.done:
        intake.exchange.close()
        intake.delivery.put_done()
    if not task.cancelled() and task.exception() is not None:
        task.get_loop().call_exception_handler(
            {"message": "an exchange failed", "exception": task.exception(), "future": task}
        )


class AsyncResponse(Single):
    """An answer. Its body is read once: by `read()`, `iter_bytes()` or `events()`.

    Closing it (or dropping it) before its end cancels the upstream call.
    """

    def __init__(
        self, delivery: Delivery, changed: _Changed, cancel: Optional[Callable[[], Any]]
    ) -> None:
        self._delivery = delivery
        self._changed = changed
        self._cancel = cancel
        self._events = EventQueue()
        self.status = 0
        self.headers = Headers()

    async def wait_for_head(self) -> None:
        self._changed.check_loop()
        while True:
            self._changed.clear()
            head = self._delivery.head
            if head is not None:
                self.status, self.headers = head.status, Headers(head.headers)
                self.body_size, self.close_connection = head.body_size, head.close
                return
            if self._delivery.ended:
                raise AnswerCutError("the exchange ended without an answer")
            await self._changed.wait()

    async def _next_bytes(self) -> Optional[bytes]:
        """None when the answer has been read to its end."""
        self._changed.check_loop()
        while True:
            self._changed.clear()
            data = self._delivery.take()
            if data:
                return data
            if data is not None:
                break
            await self._changed.wait()
        self._delivery.finish()
        return None

    async def _next_event(self) -> Optional[Event]:
        while True:
            event = self._events.take()
            if event is not None:
                return event
            data = await self._next_bytes()
            if data is None:
                return None
            self._events.put(data)

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """The body in the pieces it comes in. Raises AnswerCutError when it breaks off."""
        return _Stepwise(self._next_bytes)

    async def read(self) -> bytes:
        """The whole body, or what is left of it."""
        return b"".join([data async for data in self.iter_bytes()])

    async def json(self) -> Any:
        return json.loads(await self.read())

    def events(self) -> AsyncIterator[Event]:
        """The body's server-sent events. Another `events()` goes on where one was left."""
        return _Stepwise(self._next_event)

    @property
    def record(self) -> Optional[Mapping[str, Any]]:
        """The exchange's record; there once the body has been read."""
        kept = self._delivery.record
        found: Optional[Mapping[str, Any]] = None if kept is None else json.loads(kept)
        return found

    def close(self) -> None:
        if self._cancel is not None and not self._delivery.done:
            cancel, self._cancel = self._cancel, None
            cancel()

    async def __aenter__(self) -> "AsyncResponse":
        return self

    async def __aexit__(
        self,
        kind: Optional[Type[BaseException]],
        value: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_cancel"):
            self.close()
