"""Sending a request and reading its answer, for programs with threads."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional

from ._support import Closing
from .drivers.curl import CurlDriver, default_driver
from .drivers.delivery import Delivery
from .errors import AnswerCutError
from .intake import Intake
from .messages import Headers, Request
from .sse import Event, EventQueue

if TYPE_CHECKING:
    from .exchange import Exchange
    from .gateway import Gateway


def send(gateway: "Gateway", request: Request, *, client_address: str = "") -> "Response":
    changed = threading.Event()
    intake = Intake(gateway, Delivery(changed.set, gateway.record), client_address)
    intake.head(request.method, request.target, request.headers)
    intake.body(request.body)
    intake.end()
    return answer_of(gateway, intake, changed)


def answer_of(gateway: "Gateway", intake: Intake, changed: threading.Event) -> "Response":
    """Runs a request that was fed, and waits for the head of its answer."""
    driver: Optional[CurlDriver] = None
    if intake.exchange.done:
        intake.exchange.close()
    else:
        driver = gateway.driver if gateway.driver is not None else default_driver()
        try:
            driver.submit(intake.exchange, intake.delivery)
        except BaseException:
            intake.exchange.close()
            raise
    response = Response(intake.exchange, intake.delivery, changed, driver)
    try:
        response._wait_for_head()
    except BaseException:
        response.close()
        raise
    return response


class Response(Closing):
    """An answer. Its body is read once: by `read()`, `iter_bytes()` or `events()`.

    Closing it (or dropping it) before its end cancels the upstream call.
    """

    def __init__(
        self,
        exchange: "Exchange",
        delivery: Delivery,
        changed: threading.Event,
        driver: Optional[CurlDriver],
    ) -> None:
        self._exchange = exchange
        self._delivery = delivery
        self._changed = changed
        self._driver = driver
        self._events = EventQueue()
        self.status = 0
        self.headers = Headers()

    def _wait_for_head(self) -> None:
        while True:
            self._changed.clear()
            head = self._delivery.head
            if head is not None:
                self.status, self.headers = head.status, Headers(head.headers)
                self.body_size, self.close_connection = head.body_size, head.close
                return
            if self._delivery.ended:
                raise AnswerCutError("the exchange ended without an answer")
            self._wait()

    def _wait(self) -> None:
        if self._driver is not None:
            self._driver.check_waiting()
        self._changed.wait()

    def _next_bytes(self) -> Optional[bytes]:
        """None when the answer has been read to its end."""
        while True:
            self._changed.clear()
            data = self._delivery.take()
            if data:
                return data
            if data is not None:
                break
            self._wait()
        self._delivery.finish()
        return None

    def iter_bytes(self) -> Iterator[bytes]:
        """The body in the pieces it comes in. Raises AnswerCutError when it breaks off."""
        while True:
            data = self._next_bytes()
            if data is None:
                return
            yield data

    def read(self) -> bytes:
        """The whole body, or what is left of it."""
        return b"".join(self.iter_bytes())

    def json(self) -> Any:
        return json.loads(self.read())

    def events(self) -> Iterator[Event]:
        """The body's server-sent events. Another `events()` goes on where one was left."""
        while True:
            event = self._events.take()
            if event is not None:
                yield event
                continue
            data = self._next_bytes()
            if data is None:
                return
            self._events.put(data)

    @property
    def record(self) -> Optional[Mapping[str, Any]]:
        """The exchange's record; there once the body has been read."""
        kept = self._delivery.record
        found: Optional[Mapping[str, Any]] = None if kept is None else json.loads(kept)
        return found

    def close(self) -> None:
        if self._driver is not None and not self._delivery.done:
            self._driver.client_gone(self._exchange)

    def __del__(self) -> None:
        if hasattr(self, "_driver"):
            self.close()
