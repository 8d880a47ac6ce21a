"""tollgate: an AI gateway inside your own program.

    gateway = tollgate.Gateway(open("tollgate.yaml").read())
    decision = gateway.explain(body, {"authorization": "Bearer tg_…"})
    with gateway.send(tollgate.Request.messages(body, token="tg_…")) as response:
        for event in response.events():
            ...

`tollgate.asgi.App` and `tollgate.wsgi.App` serve a configuration, `tollgate.testing` tests one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ._ffi import core as _core
from .actions import Failure
from .blocking import Response
from .clock import Clock, SystemClock
from .config import Diagnostic, check, token_hash
from .decision import Candidate, Decision, Denial
from .drivers import CurlDriver
from .errors import (
    AbiError,
    AnswerCutError,
    InternalError,
    InvalidError,
    LimitError,
    OutOfMemoryError,
    StateError,
    TollgateError,
)
from .exchange import Exchange
from .gateway import Gateway
from .ledger import Balance, Ledger, Reservation
from .lookup import environment_and_files, from_mapping
from .messages import Headers, Request
from .policy import Policy
from .sse import Event, EventParser
from .stores import RedisStore, SqliteStore, Store

if _TYPE_CHECKING:
    from .aio import AsyncResponse

# The version of the library that is loaded; the package's own is in its metadata.
__version__: str = _core.tg_version_string().decode("ascii")

__all__ = [
    "AbiError",
    "AnswerCutError",
    "AsyncResponse",
    "Balance",
    "Candidate",
    "Clock",
    "CurlDriver",
    "Decision",
    "Denial",
    "Diagnostic",
    "Event",
    "EventParser",
    "Exchange",
    "Failure",
    "Gateway",
    "Headers",
    "InternalError",
    "InvalidError",
    "Ledger",
    "LimitError",
    "OutOfMemoryError",
    "Policy",
    "RedisStore",
    "Request",
    "Reservation",
    "Response",
    "SqliteStore",
    "StateError",
    "Store",
    "SystemClock",
    "TollgateError",
    "check",
    "environment_and_files",
    "from_mapping",
    "token_hash",
    "__version__",
]


def __getattr__(name: str) -> object:
    # Programs without asyncio need not load it.
    if name == "AsyncResponse":
        from .aio import AsyncResponse

        return AsyncResponse
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
