"""The gateway's own work, which belongs to no client: records of exchanges that ended early."""

from __future__ import annotations

import logging
import os
import threading
from ctypes import byref, sizeof
from typing import TYPE_CHECKING, Callable, Optional

from . import _ffi, _lifetime
from ._ffi import core
from ._ffi.constants import (
    TG_ACTION_JOURNAL,
    TG_ACTION_RECORD,
    TG_ACTION_UPSTREAM_OPEN,
    TG_ACTION_WAIT,
    TG_FAILURE_HOST,
    TG_NO_DEADLINE,
)
from ._support import Handle, bytes_in, bytes_out, call, make, time_of
from .clock import Clock
from .errors import StateError, TollgateError

if TYPE_CHECKING:
    from .gateway import Wakers
    from .stores import Store

_log = logging.getLogger("tollgate")

# As long as a request under a budget waits for the store.
_STORE_S = 5.0


class BackgroundWorker:
    """A thread that performs tg_background's actions. It runs only once something was sent.

    It does not hold its gateway, so that a forgotten gateway can go; it holds the gateway's
    callbacks, which the library may call for as long as this has its handle.
    """

    def __init__(
        self,
        wakers: "Wakers",
        clock: Clock,
        on_record: Optional[Callable[[bytes], None]],
        store: "Optional[Store]" = None,
    ) -> None:
        self._wakers = wakers
        self._clock = clock
        self._on_record = on_record
        self.store = store
        self._store_failed = False
        self._loaded = threading.Event()
        self._guard = threading.Lock()
        self._woken = threading.Event()
        self._stopping = False
        self._process = 0
        self._thread: Optional[threading.Thread] = None
        self._handle: Optional[Handle] = None
        self.token = wakers.add(self._woken.set)

    def start(self, gateway: int) -> None:
        """Starts the thread; a forked child starts one of its own."""
        if self._process == os.getpid():
            return
        with self._guard:
            if self._stopping or self._process == os.getpid():
                return
            if self.store is not None and self._handle is not None:
                raise StateError(
                    "this gateway keeps a ledger for the process it first served in; make one in "
                    "each process after the fork"
                )
            self._process = os.getpid()
            if self._handle is None:
                made = make(core.tg_background_open, gateway, time_of(self._clock))
            else:
                # We are a child: what the parent opened is open here too, but its thread is not.
                made = self._handle.forget()
                self._woken = threading.Event()
                self._wakers.set(self.token, self._woken.set)
            self._handle = Handle(made, core.tg_background_close, "background")
            self._thread = threading.Thread(
                target=self._work, args=(self._handle,), name="tollgate-background", daemon=True
            )
            if self.store is not None:
                with self._handle as address:
                    call(core.tg_background_journal_start, address, time_of(self._clock))
            _lifetime.workers.add(self)
            self._thread.start()

    def wait_for_store(self) -> None:
        """Waits, as a request does and as long, until what the store has is known here."""
        if self.store is not None and self._thread is not threading.current_thread():
            self._loaded.wait(_STORE_S)

    def stop(self) -> None:
        """Takes what is left and ends the thread."""
        self.abandon()
        thread = self._thread
        if thread is not None and self._process == os.getpid() and thread.is_alive():
            if thread is not threading.current_thread():
                thread.join()

    def abandon(self) -> None:
        self._stopping = True
        self._woken.set()

    def _work(self, handle: Handle) -> None:
        try:
            last = False
            while not last:
                last = self._stopping  # One more round takes what came in meanwhile.
                deadline_ns = self._perform_all(handle)
                if last:
                    break
                left = None
                if deadline_ns != TG_NO_DEADLINE:
                    left = max(0.0, (deadline_ns - self._clock.mono_ns()) / 1e9)
                self._woken.wait(left)
                self._woken.clear()
        finally:
            handle.close()

    def _perform_all(self, handle: Handle) -> int:
        action = _ffi.Action(struct_size=sizeof(_ffi.Action))
        try:
            with handle as address:
                call(core.tg_background_tick, address, time_of(self._clock))
                while True:
                    call(core.tg_background_next_action, address, byref(action))
                    if action.kind == TG_ACTION_WAIT:
                        return action.deadline_ns
                    self._perform(address, action)
        except TollgateError:
            return TG_NO_DEADLINE

    def _perform(self, address: int, action: _ffi.Action) -> None:
        if action.kind == TG_ACTION_RECORD and self._on_record is not None:
            try:
                self._on_record(bytes_out(action.body))
            except Exception:
                _log.exception("on_record failed")
        elif action.kind == TG_ACTION_JOURNAL:
            self._write(address, bytes_out(action.body))
        elif action.kind == TG_ACTION_UPSTREAM_OPEN:
            # There is no road for calls without an exchange. The library is told so rather than
            # left waiting.
            call(
                core.tg_background_upstream_failed,
                address,
                action.upstream,
                TG_FAILURE_HOST,
                bytes_in("the host makes no background calls"),
                time_of(self._clock),
            )

    def _write(self, address: int, batch: bytes) -> None:
        """Hands a batch to the store. One that fails is told of once, and once when it works again."""
        assert self.store is not None
        failure: Optional[Exception] = None
        try:
            reply = bytes_in(self.store.apply(batch))
        except Exception as raised:  # Whatever it is, it counts as not applied.
            failure = raised
            call(core.tg_background_journal_failed, address, time_of(self._clock))
        else:
            try:
                call(
                    core.tg_background_journal_done,
                    address,
                    reply,
                    time_of(self._clock),
                )
            except TollgateError as raised:
                failure = raised  # No answer: the library asks again by itself.
        if failure is not None and not self._store_failed:
            what = f"{type(failure).__name__}: {failure}"
            _log.error("ledger not written, requests wait: %s", what)
        if failure is None:
            self._loaded.set()
        if failure is None and self._store_failed:
            _log.error("ledger is written again")
        self._store_failed = failure is not None
