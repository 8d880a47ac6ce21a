"""A gateway in a world of its own: scripted upstreams, and a clock that only this moves."""

from __future__ import annotations

import heapq
import itertools
import json
from functools import partial
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from .._support import Text
from ..actions import (
    Action,
    ClientAbort,
    ClientBody,
    ClientEnd,
    ClientHead,
    Done,
    Failure,
    Record,
    UpstreamCancel,
    UpstreamOpen,
    Wait,
)
from ..decision import Decision
from ..gateway import Gateway
from ..lookup import from_mapping
from ..messages import Headers, Request
from ..sse import Event, EventParser
from .clock import FakeClock
from .replies import Call, Reply, Script

# An exchange has an end of its own after an hour; this many steps are a loop.
_STEPS_MAX = 1_000_000


class Answer:
    """What the client of one request got, and what was recorded."""

    def __init__(self) -> None:
        self.status = 0
        self.headers = Headers()
        self.body = b""
        self.aborted = False
        self.record: Mapping[str, Any] = {}
        self.calls: List[Call] = []

    def json(self) -> Any:
        return json.loads(self.body)

    def events(self) -> List[Event]:
        return EventParser().feed(self.body)

    @property
    def text(self) -> str:
        """The text of an Anthropic Messages answer, streamed or not; of an error, its message."""
        if self.headers.get("content-type", "").startswith("text/event-stream"):
            found = [event.json() for event in self.events() if event.event == "content_block_delta"]
            return "".join(part["delta"].get("text", "") for part in found)
        value = self.json()
        if value.get("type") == "error":
            return str(value["error"]["message"])
        return "".join(block.get("text", "") for block in value.get("content", ()))

    @property
    def target(self) -> str:
        """The `account/integration` that served; empty when none did."""
        return str(self.record.get("target", ""))

    @property
    def attempts(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.record.get("attempts", ())
        return found

    @property
    def cost_nano_usd(self) -> Optional[int]:
        return self.record.get("cost_nano_usd")


class Upstream:
    """The calls that fit some conditions, and what they are answered, in order."""

    def __init__(self, host: Optional[str], model: Optional[str], key: Optional[str]) -> None:
        self._host = host
        self._model = model
        self._key = key
        self._scripts: List[Script] = []
        self.calls: List[Call] = []

    def replies(self, *scripts: Script) -> "Upstream":
        """Answers the next calls with these, and every later one with the last of them."""
        for script in scripts:
            if not isinstance(script, Reply) and not callable(script):
                raise TypeError(
                    f"an upstream replies with message(), error() and the like, not with {script!r}"
                )
        self._scripts.extend(scripts)
        return self

    def _fits(self, call: Call) -> bool:
        return (
            (self._host is None or call.host == self._host)
            and (self._model is None or call.model == self._model)
            and (
                self._key is None
                or any(self._key.encode() in value for _, value in call.open.headers)
            )
        )

    def _next(self, call: Call) -> Reply:
        self.calls.append(call)
        script = self._scripts[0] if len(self._scripts) == 1 else self._scripts.pop(0)
        return script(call) if callable(script) else script


class Pending:
    """A request that was sent and may still run."""

    def __init__(self, harness: "Harness", request: Request, client_address: str) -> None:
        self._harness = harness
        self._result = Answer()
        self._deadline_ns: Optional[int] = None
        self._open: Dict[int, bool] = {}
        wake: Callable[[], None] = partial(harness._at, 0, self._tick)
        self._exchange = harness.gateway.exchange(client_address=client_address, on_wake=wake)
        self._feed(
            partial(
                self._exchange.client_head, request.method, request.target, request.headers
            )
        )
        if self._result.status == 0:
            if request.body:
                self._feed(partial(self._exchange.client_body, request.body))
            if self._result.status == 0:
                self._feed(self._exchange.client_end)

    @property
    def done(self) -> bool:
        return self._exchange.done

    def answer(self) -> Answer:
        """Lets time pass until the exchange is done."""
        self._harness._run(lambda: self.done)
        return self._result

    def leave(self) -> Answer:
        """The client goes away now."""
        self._feed(self._exchange.client_gone)
        return self.answer()

    def _tick(self) -> None:
        if not self.done:
            self._feed(self._exchange.tick)

    def _feed(self, event: Callable[[], None]) -> None:
        event()
        for action in self._exchange.actions():
            self._perform(action)
        if self.done:
            self._exchange.close()

    def _perform(self, action: Action) -> None:
        result = self._result
        if isinstance(action, ClientHead):
            result.status, result.headers = action.status, Headers(action.headers)
        elif isinstance(action, ClientBody):
            result.body += action.body
        elif isinstance(action, ClientAbort):
            result.aborted = True
        elif isinstance(action, Record):
            result.record = json.loads(action.record)
        elif isinstance(action, UpstreamOpen):
            self._start(action)
        elif isinstance(action, UpstreamCancel):
            self._open.pop(action.attempt, None)
        elif isinstance(action, Wait):
            self._set_deadline(action.deadline_ns)
        else:
            assert isinstance(action, (ClientEnd, Done))

    def _set_deadline(self, deadline_ns: Optional[int]) -> None:
        self._deadline_ns = deadline_ns
        if deadline_ns is not None:
            now = self._harness.clock.mono_ns()
            self._harness._at(max(0, deadline_ns - now), partial(self._on_deadline, deadline_ns))

    def _on_deadline(self, deadline_ns: int) -> None:
        if self._deadline_ns == deadline_ns:
            self._tick()

    def _start(self, action: UpstreamOpen) -> None:
        call = Call(action)
        self._result.calls.append(call)
        self._harness.calls.append(call)
        reply = self._harness._reply_to(call)
        number = action.attempt
        self._open[number] = True
        if reply.silent:
            return
        at = round(reply.latency_s * 1e9)
        exchange = self._exchange
        if reply.failure is not None:
            self._later(at, number, partial(exchange.upstream_failed, number, reply.failure))
            return
        headers = reply.raw_headers()
        self._later(at, number, partial(exchange.upstream_head, number, reply.status, headers))
        for pause_s, piece in reply.pieces:
            at += round(pause_s * 1e9)
            self._later(at, number, partial(exchange.upstream_body, number, piece))
        self._later(at, number, partial(exchange.upstream_end, number))

    def _later(self, after_ns: int, number: int, event: Callable[[], None]) -> None:
        def happen() -> None:
            if number in self._open and not self.done:
                self._feed(event)

        self._harness._at(after_ns, happen)


class Harness:
    """Runs requests through a configuration, with no network and no waiting.

    environment  What "${NAME}" stands for; nothing else is looked up.
    at           The time at the start; it moves only while requests wait, and by `clock.advance()`.
    seed         The same seed gives the same draws.
    """

    def __init__(
        self,
        config: Text,
        *,
        environment: Optional[Mapping[str, str]] = None,
        at: str = "2026-01-01T00:00:00Z",
        seed: int = 1,
        name: str = "config",
    ) -> None:
        self.clock = FakeClock(at)
        self.gateway = Gateway(
            config,
            name=name,
            lookup=from_mapping(environment or {}),
            clock=self.clock,
            seed=seed,
        )
        self.calls: List[Call] = []
        self._upstreams: List[Upstream] = []
        self._queue: List[Tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def upstream(
        self,
        host: Optional[str] = None,
        *,
        model: Optional[str] = None,
        key: Optional[str] = None,
    ) -> Upstream:
        """Scripts the calls to a host (with its port, if any), with the upstream's own name of a
        model, or with an account's key in a header. Of several that fit the latest counts."""
        made = Upstream(host, model, key)
        self._upstreams.append(made)
        return made

    def send(
        self,
        body: Union[Mapping[str, Any], bytes, Request],
        *,
        token: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Answer:
        """Sends a request and lets time pass until it is answered."""
        return self.start(body, token=token, headers=headers).answer()

    def start(
        self,
        body: Union[Mapping[str, Any], bytes, Request],
        *,
        token: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
        client_address: str = "",
    ) -> Pending:
        """Sends a request without waiting: for tests of what runs at once."""
        request = body
        if not isinstance(request, Request):
            request = Request.messages(request, token=token, headers=headers)
        return Pending(self, request, client_address)

    def explain(
        self,
        body: Union[Mapping[str, Any], bytes],
        *,
        token: Optional[str] = None,
        headers: Optional[Mapping[str, str]] = None,
    ) -> Decision:
        request = Request.messages(body, token=token, headers=headers)
        return self.gateway.explain(request.body, request.headers)

    def _reply_to(self, call: Call) -> Reply:
        for upstream in reversed(self._upstreams):
            if upstream._fits(call) and upstream._scripts:
                return upstream._next(call)
        raise AssertionError(f"no upstream is scripted for {call.url} and the model {call.model}")

    def _at(self, after_ns: int, what: Callable[[], None]) -> None:
        when = self.clock.mono_ns() + after_ns
        heapq.heappush(self._queue, (when, next(self._order), what))

    def _run(self, until: Callable[[], bool]) -> None:
        for _ in range(_STEPS_MAX):
            if until():
                return
            if not self._queue:
                raise AssertionError("the exchange waits for something that never comes")
            when, _, what = heapq.heappop(self._queue)
            self.clock.advance_ns(max(0, when - self.clock.mono_ns()))
            what()
        raise AssertionError("the exchange goes in circles")


__all__ = ["Answer", "Failure", "Harness", "Pending", "Upstream"]
