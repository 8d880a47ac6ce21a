"""What the library wants its host to do next, as plain values.

Their bytes are copies, so they may be kept for as long as one likes.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Callable, Dict, List, Optional, Tuple, Union

from . import _ffi
from ._ffi import constants as c
from ._support import bytes_out, pairs_out, text_out

RawHeaders = List[Tuple[bytes, bytes]]


class Failure(enum.IntEnum):
    """Why an upstream attempt failed, as far as a host can tell. Timeouts are the library's."""

    OTHER = c.TG_FAILURE_OTHER
    RESOLVE = c.TG_FAILURE_RESOLVE
    CONNECT = c.TG_FAILURE_CONNECT
    TLS = c.TG_FAILURE_TLS
    PROXY = c.TG_FAILURE_PROXY
    RESET = c.TG_FAILURE_RESET
    PROTOCOL = c.TG_FAILURE_PROTOCOL
    DENIED = c.TG_FAILURE_DENIED
    HOST = c.TG_FAILURE_HOST


@dataclass(frozen=True)
class Wait:
    """Nothing to do until an event, or until the clock reaches `deadline_ns` (then tick)."""

    deadline_ns: Optional[int]


@dataclass(frozen=True)
class UpstreamOpen:
    """Send this request, and report what happens to it under the number `attempt`.

    The headers hold the account's key, and a proxy may hold a password: repr() shows neither.
    """

    attempt: int
    method: str
    url: str
    headers: RawHeaders = field(repr=False)
    body: bytes = field(repr=False)
    deny_private: bool = False
    auxiliary: bool = False
    tls_unverified: bool = False
    ca_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    proxy: str = field(default="", repr=False)


@dataclass(frozen=True)
class UpstreamCancel:
    """Stop that attempt now; later events of it are ignored."""

    attempt: int


@dataclass(frozen=True)
class ClientHead:
    """Send status and headers to the client.

    `body_size` is None when the answer's length is not known yet; `close` says that the request
    was not read to its end, so the connection cannot be used again.
    """

    status: int
    headers: RawHeaders
    body_size: Optional[int]
    close: bool = False


@dataclass(frozen=True)
class ClientBody:
    """Send these bytes to the client at once."""

    body: bytes = field(repr=False)


@dataclass(frozen=True)
class ClientEnd:
    """The answer is complete."""


@dataclass(frozen=True)
class ClientAbort:
    """End the client's connection without completing the answer."""


@dataclass(frozen=True)
class Record:
    """Keep this record: one JSON object without line breaks."""

    record: bytes = field(repr=False)


@dataclass(frozen=True)
class Done:
    """Nothing will follow."""


Action = Union[
    Wait,
    UpstreamOpen,
    UpstreamCancel,
    ClientHead,
    ClientBody,
    ClientEnd,
    ClientAbort,
    Record,
    Done,
]


def head_of(action: _ffi.Action) -> ClientHead:
    size = action.body_size
    return ClientHead(
        action.http_status,
        pairs_out(action.headers, action.header_count),
        None if size == c.TG_SIZE_UNKNOWN else size,
        bool(action.flags & c.TG_FLAG_CLOSE),
    )


def _open_of(action: _ffi.Action) -> UpstreamOpen:
    spans = [bytes_out(action.body_spans[i]) for i in range(action.body_span_count)]
    return UpstreamOpen(
        attempt=action.upstream,
        method=text_out(action.method),
        url=text_out(action.url),
        headers=pairs_out(action.headers, action.header_count),
        body=spans[0] if len(spans) == 1 else b"".join(spans),
        deny_private=bool(action.flags & c.TG_FLAG_DENY_PRIVATE),
        auxiliary=bool(action.flags & c.TG_FLAG_AUXILIARY),
        tls_unverified=bool(action.flags & c.TG_FLAG_TLS_UNVERIFIED),
        ca_file=text_out(action.ca_file),
        client_cert_file=text_out(action.client_cert_file),
        client_key_file=text_out(action.client_key_file),
        proxy=text_out(action.proxy),
    )


def _wait_of(action: _ffi.Action) -> Wait:
    deadline = action.deadline_ns
    return Wait(None if deadline == c.TG_NO_DEADLINE else deadline)


_MAKERS: Dict[int, Callable[[_ffi.Action], Action]] = {
    c.TG_ACTION_WAIT: _wait_of,
    c.TG_ACTION_UPSTREAM_OPEN: _open_of,
    c.TG_ACTION_UPSTREAM_CANCEL: lambda action: UpstreamCancel(action.upstream),
    c.TG_ACTION_CLIENT_HEAD: head_of,
    c.TG_ACTION_CLIENT_BODY: lambda action: ClientBody(bytes_out(action.body)),
    c.TG_ACTION_CLIENT_END: lambda action: ClientEnd(),
    c.TG_ACTION_CLIENT_ABORT: lambda action: ClientAbort(),
    c.TG_ACTION_RECORD: lambda action: Record(bytes_out(action.body)),
    c.TG_ACTION_DONE: lambda action: Done(),
}


def action_of(action: _ffi.Action) -> Optional[Action]:
    """The action as a value; None for a kind that this package does not know."""
    maker = _MAKERS.get(action.kind)
    return None if maker is None else maker(action)
