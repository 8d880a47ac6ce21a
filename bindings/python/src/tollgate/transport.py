"""Driving an exchange from asyncio with an HTTP client of the host's own."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import AsyncIterator, Callable, Dict, List, Optional, Protocol, Set

from ._support import HeaderPairs
from .actions import Action, Done, Failure, UpstreamCancel, UpstreamOpen, Wait
from .drivers.delivery import Delivery
from .errors import InvalidError, TollgateError
from .exchange import Exchange


class UpstreamError(Exception):
    """Raised by a transport: the call failed, for this reason."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(detail or failure.name.lower())
        self.failure = failure
        self.detail = detail


class UpstreamAnswer:
    """What a transport gives back: status, headers, and the body as it comes.

    The body must be as it was sent (ask for `accept-encoding: identity`, which the call's headers
    already do). Both the iterator and `open()` may raise UpstreamError.
    """

    def __init__(self, status: int, headers: HeaderPairs, body: AsyncIterator[bytes]) -> None:
        self.status = status
        self.headers = headers
        self.body = body


class Transport(Protocol):
    """Makes one upstream call. Runs in a task of its own; cancelling it must stop the call.

    It must not follow redirects and have no timeouts of its own beyond connecting: those are the
    gateway's. `call.deny_private`, `call.proxy` and the certificate files are its to honour.
    """

    async def open(self, call: UpstreamOpen) -> UpstreamAnswer:
        """Connects, sends, and returns when the head of the answer is there."""


class _Runner:
    """One exchange: pulls actions, keeps a task for each attempt, and a timer."""

    def __init__(self, exchange: Exchange, delivery: Delivery, transport: Transport) -> None:
        self._exchange = exchange
        self._delivery = delivery
        self._transport = transport
        self._tasks: Dict[int, "asyncio.Task[None]"] = {}
        # Cancelled, but not ended yet: kept so that they are not collected in the middle.
        self._leaving: Set["asyncio.Task[None]"] = set()
        self._changed = asyncio.Event()
        self._room = asyncio.Event()
        self._woken = False
        self._deadline_ns: Optional[int] = None
        self._broken: Optional[TollgateError] = None

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        exchange = self._exchange
        exchange.gateway._wakers.set(exchange.token, _thread_safe(loop, self._wake))
        self._delivery.on_room = _thread_safe(loop, self._room.set)
        try:
            self._feed(lambda: None)
            while not exchange.done and self._broken is None:
                self._changed.clear()
                left = self._left()
                if not self._woken and (left is None or left > 0):
                    await self._until_changed(left)
                else:
                    self._woken = False
                    self._feed(exchange.tick)
            if self._broken is not None:
                raise self._broken
        finally:
            await self._end()

    async def _until_changed(self, seconds: Optional[float]) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except asyncio.TimeoutError:
            pass  # The deadline is looked at again, since it may have moved.

    def _left(self) -> Optional[float]:
        if self._deadline_ns is None:
            return None
        return max(0.0, (self._deadline_ns - self._exchange.gateway.clock.mono_ns()) / 1e9)

    def _wake(self) -> None:
        self._woken = True
        self._changed.set()

    def _feed(self, event: Callable[[], None]) -> None:
        """Feeds one event and performs what comes of it."""
        if self._exchange.done:
            return
        event()
        actions = self._exchange.actions()
        self._delivery.perform(actions)
        for action in actions:
            self._perform(action)

    def _perform(self, action: Action) -> None:
        if isinstance(action, UpstreamOpen):
            self._tasks[action.attempt] = asyncio.ensure_future(self._attempt(action))
        elif isinstance(action, UpstreamCancel):
            self._leave(self._tasks.pop(action.attempt, None))
        elif isinstance(action, Wait):
            before, self._deadline_ns = self._deadline_ns, action.deadline_ns
            # A later one need not wake the timer: it looks again when it goes off.
            if before is None or (action.deadline_ns or before) < before:
                self._changed.set()
        elif isinstance(action, Done):
            for attempt in list(self._tasks):
                self._leave(self._tasks.pop(attempt))
            self._changed.set()

    def _leave(self, task: "Optional[asyncio.Task[None]]") -> None:
        # An attempt that ends its own exchange is still running when it learns that.
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def _attempt(self, call: UpstreamOpen) -> None:
        number = call.attempt
        try:
            await self._report(call)
        except UpstreamError as error:
            self._fail(number, error.failure, error.detail)
        except asyncio.CancelledError:
            # Who is cancelled by us has been forgotten before. Anybody else's doing would leave the
            # exchange waiting for an answer that never comes.
            if number in self._tasks:
                self._fail(number, Failure.OTHER, "the transport's call was cancelled")
            raise
        except InvalidError as error:  # Of what the transport gave: a status of 9999, say.
            self._fail(number, Failure.OTHER, str(error))
        except TollgateError as error:
            self._broken = error
            self._changed.set()
        except Exception as error:
            self._fail(number, Failure.OTHER, f"{type(error).__name__}: {error}")
        finally:
            self._tasks.pop(number, None)

    async def _report(self, call: UpstreamOpen) -> None:
        number, exchange = call.attempt, self._exchange
        answer = await self._transport.open(call)
        try:
            self._feed(partial(exchange.upstream_head, number, answer.status, answer.headers))
            async for data in answer.body:
                if data and number in self._tasks:
                    self._feed(partial(exchange.upstream_body, number, data))
                    await self._until_room()
                if number not in self._tasks:
                    return
            self._feed(partial(exchange.upstream_end, number))
        finally:
            # What is left of a body that nobody wants ends its connection.
            close = getattr(answer.body, "aclose", None)
            if close is not None:
                await close()

    def _fail(self, number: int, failure: Failure, detail: str) -> None:
        try:
            self._feed(partial(self._exchange.upstream_failed, number, failure, detail))
        except TollgateError as error:
            self._broken = error
            self._changed.set()

    async def _until_room(self) -> None:
        if not self._delivery.full or self._exchange.done:
            return
        self._room.clear()
        if not self._delivery.full:
            return  # Read in the meantime.
        self._feed(self._exchange.client_blocked)
        await self._room.wait()
        self._feed(self._exchange.client_unblocked)

    async def _end(self) -> None:
        exchange = self._exchange
        # Attempts first: their bytes go with the exchange.
        tasks: List["asyncio.Task[None]"] = [*self._tasks.values(), *self._leaving]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if not exchange.done and self._broken is None:
            exchange.client_gone()
            self._delivery.perform(exchange.actions())
        exchange.close()
        self._delivery.put_done()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)


def _thread_safe(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> Callable[[], None]:
    def schedule() -> None:
        try:
            loop.call_soon_threadsafe(what)
        except RuntimeError:
            pass  # The loop has ended.

    return schedule


async def run(exchange: Exchange, delivery: Delivery, transport: Transport) -> None:
    """Drives an exchange to its end. Cancelling it counts as a client that left."""
    await _Runner(exchange, delivery, transport).run()
