"""A WSGI application that serves a configuration: a thread for each request, as the server has it.

    application = tollgate.wsgi.App(open("tollgate.yaml").read())
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple
from urllib.parse import quote

from ._application import Application
from .actions import RawHeaders
from .asgi import end_to_end, too_many
from .blocking import Response, answer_of
from .drivers.delivery import Delivery
from .errors import AnswerCutError, LimitError
from .intake import Intake

Environ = Dict[str, Any]
StartResponse = Callable[[str, List[Tuple[str, str]]], Any]

_PIECE = 64 * 1024


class App(Application):
    """Serves `/v1/messages` and everything else of the gateway's HTTP surface, `/healthz` too.

    Takes a configuration's text and options of a Gateway, or a Gateway that was made before.
    """

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        changed = threading.Event()
        delivery = Delivery(changed.set, self.gateway.record)
        try:
            intake = Intake(self.gateway, delivery, environ.get("REMOTE_ADDR", ""))
        except LimitError:
            refusal, body = too_many()
            start_response("503 Service Unavailable", _texts(refusal))
            return [body]
        try:
            whole = _take_request(intake, environ)
        except BaseException:
            intake.cancel()
            raise
        if not whole:
            intake.cancel()
            return _give_up(start_response, "499 Client Closed Request")
        try:
            response = answer_of(self.gateway, intake, changed)
        except AnswerCutError:
            return _give_up(start_response, "503 Service Unavailable")  # The driver was closed.
        pairs = end_to_end(response.headers.raw, response.status, response.body_size)
        start_response(f"{response.status} {_reason(response.status)}", _texts(pairs))
        return _Body(response)

    def close(self) -> None:
        """Hands out the last records. A gateway that was given stays the giver's."""
        if self._owned:
            self.gateway.close()


class _Body:
    """The answer's pieces; the server closes it early when its client has left."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        # AnswerCutError goes on to the server, which then cuts the connection.
        return self._response.iter_bytes()

    def close(self) -> None:
        self._response.close()


def _give_up(start_response: StartResponse, status: str) -> Iterable[bytes]:
    """Ends a request that got no answer of the library's."""
    start_response(status, [("content-type", "text/plain"), ("content-length", "0")])
    return [b""]


def _texts(pairs: RawHeaders) -> List[Tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs]


def _take_request(intake: Intake, environ: Environ) -> bool:
    """Feeds the request. False when the client left in its middle."""
    path = environ.get("PATH_INFO", "") or "/"
    # WSGI hands over the path's bytes as latin-1 text.
    target = quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~-._")
    query = environ.get("QUERY_STRING", "")
    intake.head(environ["REQUEST_METHOD"], f"{target}?{query}" if query else target,
                _headers_of(environ))
    stream = environ["wsgi.input"]
    left = _length_of(environ)
    while not intake.refused and left != 0:
        data = stream.read(_PIECE if left is None else min(left, _PIECE))
        if not data:
            break
        left = None if left is None else left - len(data)
        intake.body(data)
    if left and not intake.refused:
        return False  # Less came than was announced.
    if not left:
        intake.end()
    return True


def _length_of(environ: Environ) -> Optional[int]:
    """How long the body is; None when its stream ends by itself."""
    length: str = environ.get("CONTENT_LENGTH", "").strip()
    # What is no length is not believed: a stream may wait for ever for bytes that nobody announced.
    if length.isascii() and length.isdigit():
        return int(length)
    return None if not length and environ.get("wsgi.input_terminated") else 0


def _headers_of(environ: Environ) -> List[Tuple[str, str]]:
    found = [
        (name[5:].replace("_", "-").lower(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found.append((name.replace("_", "-").lower(), environ[name]))
    return found


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Overloaded" if status == 529 else "Status"
