"""Where a gateway's ledger is kept, so that budgets and limits outlive the process and are shared.

    gateway = tollgate.Gateway(config, store=tollgate.SqliteStore("ledger.db"))
    gateway = tollgate.Gateway(config, store=tollgate.RedisStore("redis://127.0.0.1:6379/0"))

A store of your own is any object with `apply()`; docs/embedding/writing-a-store.md says what it
has to keep.
"""

from __future__ import annotations

import os
import threading
import time
from ctypes import byref
from typing import Any, Callable, Optional, Protocol, Union

from . import _ffi
from ._ffi.constants import TG_SQLITE_POWER_LOSS, TG_SQLITE_PROCESS
from ._support import Closing, Handle, bytes_in, bytes_out, call, make
from .errors import InvalidError, StateError

_DURABILITY = {"power_loss": TG_SQLITE_POWER_LOSS, "process": TG_SQLITE_PROCESS}


class Store(Protocol):
    """What a gateway asks of its store."""

    def apply(self, batch: bytes) -> bytes:
        """Applies one batch, whole or not at all, and returns the answer.

        Called on the gateway's background thread, which may wait. Whatever it raises means that
        nothing was applied: the same batch comes again, and new requests under a rule wait.
        """


class _DriverStore(Closing):
    """A store of the library. Gateways may share one; it opens anew in a forked child."""

    def __init__(self, open_it: Callable[[], int], apply: Any, close: Callable[[int], None]) -> None:
        self._open = open_it
        self._apply = apply
        self._free = close
        self._process = 0
        self._guard = threading.Lock()
        self._handle: Optional[Handle] = None
        self._closed = False
        # Opened once and closed, so that what is wrong with it is said here. It is opened to stay
        # by the process that uses it, since an open file must not be carried through a fork.
        close(open_it())

    def apply(self, batch: bytes) -> bytes:
        with self._guard:
            reply = _ffi.Bytes()
            with self._opened() as address:
                call(self._apply, address, bytes_in(batch), byref(reply))
                return bytes_out(reply)

    def _opened(self) -> Handle:
        if self._handle is not None and self._process != os.getpid():
            self._handle.forget()  # The parent's; it may be neither used nor closed here.
            self._handle = None
        if self._handle is None and not self._closed:
            self._handle = Handle(self._open(), self._free, "store")
            self._process = os.getpid()
        if self._handle is None:
            raise StateError("the store is closed")
        return self._handle

    def close(self) -> None:
        """Closes the store. Close the gateways that use it first."""
        with self._guard:
            self._closed = True
            if self._handle is not None and self._process == os.getpid():
                self._handle.close()
                self._handle = None


class SqliteStore(_DriverStore):
    """The ledger in one SQLite file, for the processes of one machine.

    path        The file; it is made when there is none, its folder must exist.
    durability  What a settled cost survives: "power_loss" (one fsync a batch), or "process": the
                process being killed, while losing power may take the last seconds.

    Raises InvalidError for a file that cannot be opened, is no ledger, or is of a newer version.
    """

    def __init__(self, path: "Union[str, os.PathLike[str]]", *, durability: str = "power_loss") -> None:
        if durability not in _DURABILITY:
            raise InvalidError(f'durability is "power_loss" or "process", not {durability!r}')
        library = _ffi.sqlite()

        def open_it() -> int:
            return make(
                library.tg_sqlite_open,
                bytes_in(os.fsencode(path)),
                _DURABILITY[durability],
                time.time_ns() // 1_000_000,
            )

        super().__init__(open_it, library.tg_sqlite_apply, library.tg_sqlite_close)


class RedisStore(_DriverStore):
    """The ledger in Redis, for any number of machines: one budget for all.

    url  redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]. It connects at the first batch, and again
         whenever the connection was lost.

    Raises InvalidError for a URL of another form.
    """

    def __init__(self, url: str) -> None:
        library = _ffi.redis()

        def open_it() -> int:
            return make(library.tg_redis_open, bytes_in(url))

        super().__init__(open_it, library.tg_redis_apply, library.tg_redis_close)
