"""The bundled libcurl driver: one thread of its own serves any number of exchanges.

The driver's callbacks come on that thread. They copy bytes into a Delivery and return, so neither
a slow reader nor an event loop is ever waited for.
"""

from __future__ import annotations

import os
import threading
from ctypes import byref, sizeof
from functools import partial
from typing import Any, Dict, List, Optional, Tuple

from .. import _ffi, _lifetime
from .._ffi.constants import (
    TG_CURL_CLIENT_BLOCKED,
    TG_CURL_CLIENT_GONE,
    TG_CURL_CLIENT_OK,
)
from .._support import Closing, Handle, bytes_in, bytes_out, call, make, number_in
from ..actions import head_of
from ..errors import StateError
from ..exchange import Exchange
from .delivery import Delivery

# What runs, by token. Tokens are unique in the process, so one table serves all drivers.
_running: Dict[int, Tuple[Exchange, Delivery, "CurlDriver"]] = {}


def _on_head(action: Any, user: Optional[int]) -> int:
    entry = _running.get(user or 0)
    if entry is None:
        return TG_CURL_CLIENT_GONE
    entry[1].put_head(head_of(action.contents))
    return TG_CURL_CLIENT_OK


def _on_body(body: _ffi.Bytes, more: int, user: Optional[int]) -> int:
    entry = _running.get(user or 0)
    if entry is None:
        return TG_CURL_CLIENT_GONE
    return TG_CURL_CLIENT_OK if entry[1].put_body(bytes_out(body)) else TG_CURL_CLIENT_BLOCKED


def _on_end(aborted: int, user: Optional[int]) -> None:
    entry = _running.get(user or 0)
    if entry is not None:
        entry[1].put_end(bool(aborted))


def _on_record(record: _ffi.Bytes, user: Optional[int]) -> None:
    entry = _running.get(user or 0)
    if entry is not None:
        # The host's own code runs in here, and may try to wait for this thread.
        entry[2]._thread = threading.get_ident()
        entry[1].put_record(bytes_out(record))


def _on_done(exchange: Optional[int], user: Optional[int]) -> None:
    entry = _running.pop(user or 0, None)
    if entry is not None:
        entry[0].close()
        entry[1].put_done()


# Made once: the library keeps their addresses.
_HEAD = _ffi.OnHeadFn(_on_head)
_BODY = _ffi.OnBodyFn(_on_body)
_END = _ffi.OnEndFn(_on_end)
_RECORD = _ffi.OnRecordFn(_on_record)
_DONE = _ffi.OnDoneFn(_on_done)


def _system_ca_file() -> str:
    """Empty where the library finds the system's roots by itself."""
    import ssl  # Not needed to import the package.

    named = os.environ.get("SSL_CERT_FILE", "")
    if named or os.path.exists("/etc/ssl/certs/ca-certificates.crt"):
        return named
    return ssl.get_default_verify_paths().cafile or ""


class CurlDriver(Closing):
    """Makes upstream calls with libcurl, for any number of gateways. Usable from any thread.

    ca_file  PEM file of trusted roots, for accounts that name none. The system's by default.
    proxy    Proxy URL, for accounts that name none. The proxy environment variables are not read.

    Its thread starts with the first call. Close it after what runs on it; the process's default
    driver ends with the interpreter.
    """

    def __init__(
        self, *, ca_file: str = "", proxy: str = "", connect_timeout_s: float = 0.0
    ) -> None:
        options = _ffi.CurlOptions(
            struct_size=sizeof(_ffi.CurlOptions),
            ca_file=bytes_in(ca_file or _system_ca_file()),
            proxy=bytes_in(proxy),
            connect_timeout_ns=number_in(round(connect_timeout_s * 1e9), "connect_timeout_s", 64),
        )
        library = self._library = _ffi.curl()
        self._process = os.getpid()
        self._guard = threading.Lock()
        self._curl = Handle(make(library.tg_curl_create, byref(options)), library.tg_curl_free,
                            "driver")
        self._loop: Optional[Handle] = None
        self._thread = 0
        _lifetime.drivers.add(self)

    def submit(self, exchange: Exchange, delivery: Delivery) -> None:
        """Takes over an exchange whose request was fed; from now on it is the driver's alone."""
        token = exchange.token
        with self._curl as curl:
            loop = self._started(curl)
            library = self._library
            exchange.gateway._wakers.set(token, partial(library.tg_curl_wake, token, curl))
            delivery.on_room = lambda: self._unblock(token)
            client = _ffi.CurlClient(
                struct_size=sizeof(_ffi.CurlClient),
                on_head=_HEAD,
                on_body=_BODY,
                on_end=_END,
                on_record=_RECORD,
                on_done=_DONE,
                client_fd=-1,
                user=token,
            )
            _running[token] = (exchange, delivery, self)
            try:
                with loop as loop_address, exchange._handle as exchange_address:
                    call(library.tg_curl_loop_submit, loop_address, exchange_address, token,
                         byref(client))
            except BaseException:
                _running.pop(token, None)
                raise

    def _started(self, curl: int) -> Handle:
        if self._process != os.getpid():
            raise StateError("this driver was made before the process forked; make another")
        with self._guard:
            if self._loop is None:
                made = make(self._library.tg_curl_loop_create, curl)
                self._loop = Handle(made, self._library.tg_curl_loop_free, "driver")
            return self._loop

    def _unblock(self, token: int) -> None:
        self._tell(self._library.tg_curl_loop_unblock, token)

    def client_gone(self, exchange: Exchange) -> None:
        """The client of an exchange has left: its upstream call is cancelled."""
        self._tell(self._library.tg_curl_loop_client_gone, exchange.token)

    def _tell(self, function: Any, token: int) -> None:
        loop = self._loop
        if loop is None or self._process != os.getpid():
            return
        try:
            with loop as address:
                function(address, token)
        except StateError:
            pass  # The driver was closed, and with it whatever ran.

    def check_waiting(self) -> None:
        """Raises StateError for who would wait for ever for something that this driver does."""
        if self._thread == threading.get_ident():
            raise StateError("on_record runs on the driver's own thread, which cannot wait for itself")
        if self._process != os.getpid():
            raise StateError("this answer comes to the process that asked for it, not to a fork of it")

    def close(self) -> None:
        """Cancels what still runs and ends the driver's thread."""
        if self._process != os.getpid():
            return
        self.check_waiting()
        _lifetime.drivers.discard(self)
        if self._loop is not None:
            self._loop.close()
        self._curl.close()

    def _abandon(self) -> None:
        """In a forked child: the thread and the connections are the parent's, not ours to end."""
        for handle in (self._loop, self._curl):
            if handle is not None and not handle.closed:
                handle.forget()


_default: Optional[CurlDriver] = None
_default_guard = threading.Lock()


def default_driver() -> CurlDriver:
    """The driver that all gateways of the process share when they name none."""
    global _default
    with _default_guard:
        if _default is None:
            _default = CurlDriver()
        return _default


def _after_fork() -> None:
    global _default, _default_guard
    _default_guard = threading.Lock()
    _default = None
    for driver in _lifetime.drivers:
        driver._abandon()
    _orphans.extend(_lifetime.drivers)
    _orphans.extend(_running.values())
    _lifetime.drivers.clear()
    _running.clear()


# What a forked child inherited and may neither use nor free.
_orphans: List[Any] = []

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
