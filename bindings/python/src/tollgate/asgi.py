"""An ASGI application that serves a configuration.

    app = tollgate.asgi.App(open("tollgate.yaml").read())      # uvicorn module:app
    starlette_app.mount("/gateway", app)                        # or inside another application
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, List, MutableMapping, Optional, Tuple
from urllib.parse import quote

from ._application import Application
from .actions import RawHeaders
from .aio import AsyncResponse, Transport, new_intake, start
from .errors import AnswerCutError, LimitError, StateError
from .intake import Intake

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Fields that belong to a connection, which is the server's.
FRAMING = {
    b"connection",
    b"content-length",
    b"date",
    b"keep-alive",
    b"trailer",
    b"transfer-encoding",
    b"upgrade",
}
# How far a request is read on that was answered before its end.
_LINGER_BYTES = 64 * 1024 * 1024
_LINGER_S = 10.0
# How long the application's end waits for requests to end that the server has cut short.
_ENDING_S = 3.0
# The status that records have, too, of a request that its client left.
_CLIENT_LEFT = 499


class ClientLeft(Exception):
    """The client's connection has gone."""


@dataclass(eq=False, repr=False)
class App(Application):
    """Serves `/v1/messages` and everything else of the gateway's HTTP surface, `/healthz` too.

    Takes a configuration's text and options of a Gateway, or a Gateway that was made before.
    Upstream calls are made by the bundled driver, or by `transport` (see tollgate.aio.Transport).
    """

    transport: Optional[Transport] = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
        else:
            raise NotImplementedError(f"no ASGI protocol that is known here: {scope['type']}")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.aclose()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def aclose(self) -> None:
        """Hands out the last records. A gateway that was given stays the giver's.

        What the server has just cut short is waited for, a few seconds at most.
        """
        if not self._owned:
            return
        loop = asyncio.get_running_loop()
        until = loop.time() + _ENDING_S
        # It ends on the driver's thread, and servers may leave the process as soon as we return.
        while self._is_serving() and loop.time() < until:
            await asyncio.sleep(0.01)
        await loop.run_in_executor(None, self.gateway.close)

    def _is_serving(self) -> bool:
        try:
            return self.gateway.open_exchanges > 0
        except StateError:
            return False  # It was closed before.

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        try:
            intake, changed = new_intake(self.gateway, client[0] if client else "")
        except LimitError:
            await _refuse(send)
            return
        try:
            whole = await _take_request(intake, scope, receive)
        except BaseException as failure:
            intake.cancel()
            if isinstance(failure, ClientLeft):
                await _give_up(send, _CLIENT_LEFT)
                return
            raise
        response = start(self.gateway, intake, changed, self.transport)
        watch = asyncio.ensure_future(_watch(receive, whole, response))
        try:
            await _give_answer(response, scope, send, watch, whole)
        finally:
            response.close()
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


async def _take_request(intake: Intake, scope: Scope, receive: Receive) -> bool:
    """Feeds the request. False when it was answered before its end."""
    intake.head(scope["method"], target_of(scope), scope["headers"])
    while not intake.refused:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        intake.body(message.get("body", b""))
        if not message.get("more_body", False):
            intake.end()
            return True
    return False


def target_of(scope: Scope) -> bytes:
    """The request target as the gateway knows it: without the path it is mounted at."""
    path, root = scope["path"], scope.get("root_path", "")
    raw: Optional[bytes] = scope.get("raw_path")
    # Some servers put the query into raw_path as well.
    target = raw.partition(b"?")[0] if raw else quote(path, safe="/:@!$&'()*+,;=~-._").encode()
    if root:
        # Newer frameworks leave the mount point in the path, older ones take it away.
        inner = path[len(root) :] if path == root or path.startswith(root + "/") else path
        target = quote(inner or "/", safe="/:@!$&'()*+,;=~-._").encode()
    query: bytes = scope.get("query_string", b"")
    return target + b"?" + query if query else target


async def _watch(receive: Receive, whole: bool, response: AsyncResponse) -> None:
    """Waits for the client to leave; reads on where its request was not read to its end."""
    left = _LINGER_BYTES
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            response.close()
            return
        left -= len(message.get("body", b""))
        if not whole and (left < 0 or not message.get("more_body", False)):
            return


async def _give_answer(
    response: AsyncResponse,
    scope: Scope,
    send: Send,
    watch: "asyncio.Future[None]",
    whole: bool,
) -> None:
    """`watch` ends when the client leaves, or when the rest of a request that was not read `whole`
    has been."""
    try:
        await response.wait_for_head()
    except AnswerCutError:
        # Without a client that left it is the driver that was closed.
        await _give_up(send, _CLIENT_LEFT if watch.done() else 503)
        return
    headers = answer_headers(response)
    if response.close_connection and scope.get("http_version", "1.1").startswith("1"):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    try:
        async for data in response.iter_bytes():
            await send({"type": "http.response.body", "body": data, "more_body": True})
    except AnswerCutError:
        # Without a last piece the server cuts the connection, so that the client does not take a
        # part for the whole.
        return
    if not whole and not any(name == b"expect" for name, _ in scope["headers"]):
        # The client has its answer, but to end it now would reset what it still sends, and the
        # reset could overtake the answer.
        await asyncio.wait({watch}, timeout=_LINGER_S)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def answer_headers(response: AsyncResponse) -> List[Tuple[bytes, bytes]]:
    return end_to_end(response.headers.raw, response.status, response.body_size)


def end_to_end(raw: RawHeaders, status: int, body_size: Optional[int]) -> List[Tuple[bytes, bytes]]:
    """The fields that are ours to send, with the length where it is known."""
    headers = [(name.lower(), value) for name, value in raw if name.lower() not in FRAMING]
    if body_size is not None and status not in (204, 304):
        headers.append((b"content-length", str(body_size).encode()))
    return headers


async def _give_up(send: Send, status: int) -> None:
    """Ends a request that got no answer. Nobody reads this one, but what stands between us and the
    server may expect one: Starlette's BaseHTTPMiddleware takes none for a failure of ours."""
    try:
        await send({"type": "http.response.start", "status": status,
                    "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    except OSError:
        pass  # Servers may say so when the connection is gone.


async def _refuse(send: Send) -> None:
    headers, body = too_many()
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def too_many() -> Tuple[List[Tuple[bytes, bytes]], bytes]:
    """No more exchanges may be open: the one answer that the library cannot give itself."""
    body = (
        b'{"type":"error","error":{"type":"overloaded_error",'
        b'"message":"Too many requests are open here. Try again in a moment."}}'
    )
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", b"1"),
        (b"x-should-retry", b"true"),
    ]
    return headers, body
