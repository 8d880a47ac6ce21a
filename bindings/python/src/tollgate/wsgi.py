"""A WSGI application that serves a configuration: a thread for each request, as the server has it.

    application = tollgate.wsgi.App(open("tollgate.yaml").read())
"""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional, Tuple
from urllib.parse import quote

from ._application import Application
from .asgi import end_to_end
from .blocking import Response, answer_of
from .drivers.delivery import Delivery
from .errors import LimitError
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
            start_response("503 Service Unavailable", [("retry-after", "1")])
            return [b""]
        try:
            _take_request(intake, environ)
        except BaseException:
            intake.cancel()
            raise
        response = answer_of(self.gateway, intake, changed)
        pairs = end_to_end(response.headers.raw, response.status, response.body_size)
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in pairs]
        start_response(f"{response.status} {_reason(response.status)}", headers)
        return _Body(response)


class _Body:
    """The answer's pieces; the server closes it early when its client has left."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        # AnswerCutError goes on to the server, which then cuts the connection.
        return self._response.iter_bytes()

    def close(self) -> None:
        self._response.close()


def _take_request(intake: Intake, environ: Environ) -> None:
    path = environ.get("PATH_INFO", "") or "/"
    # WSGI hands over the path's bytes as latin-1 text.
    target = quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~-._")
    query = environ.get("QUERY_STRING", "")
    intake.head(environ["REQUEST_METHOD"], f"{target}?{query}" if query else target,
                _headers_of(environ))
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH", "")
    left: Optional[int] = int(length) if length else None
    if left is None and not environ.get("wsgi.input_terminated"):
        left = 0
    while not intake.refused and left != 0:
        data = stream.read(_PIECE if left is None else min(left, _PIECE))
        if not data:
            break
        left = None if left is None else left - len(data)
        intake.body(data)
    if left:
        # Less came than was announced: the client has left in the middle.
        if not intake.refused:
            raise ConnectionError("the request ended before its announced length")
        return
    intake.end()


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
