"""An answer on its way from the thread that drives its exchange to whoever reads it."""

from __future__ import annotations

import logging
import threading
from typing import Callable, List, Optional

from ..actions import (
    Action,
    ClientAbort,
    ClientBody,
    ClientEnd,
    ClientHead,
    Done,
    Record,
)
from ..errors import AnswerCutError, StateError

_log = logging.getLogger("tollgate")

# The upstream is not read further while so much waits for the reader.
_WAITING_MAX = 256 * 1024


class Delivery:
    """One writer, one reader. `on_change` is called, with no lock held, when there is news.

    `on_room` is set by the driver: the reader calls it when it takes bytes again.
    """

    def __init__(self, on_change: Callable[[], None], on_record: Callable[[bytes], None]) -> None:
        self._on_change = on_change
        self._on_record = on_record
        self._guard = threading.Lock()
        self._chunks: List[bytes] = []
        self._waiting = 0
        self._full = False
        self.on_room: Optional[Callable[[], None]] = None
        self.head: Optional[ClientHead] = None
        self.record: Optional[bytes] = None
        self.ended = False
        self.aborted = False
        self.done = False
        self._finished = False

    # The writer's side.

    def put_head(self, head: ClientHead) -> None:
        self.head = head
        self._on_change()

    def put_body(self, body: bytes) -> bool:
        """False when that was enough for now; `on_room` will be called."""
        with self._guard:
            first = not self._chunks
            self._chunks.append(body)
            self._waiting += len(body)
            self._full = self._waiting > _WAITING_MAX
            room = not self._full
        # The reader takes everything at once, so it need not be told of what comes behind.
        if first:
            self._on_change()
        return room

    def put_end(self, aborted: bool) -> None:
        self.ended = True
        self.aborted = self.aborted or aborted
        self._on_change()

    def put_record(self, record: bytes) -> None:
        self.record = record
        try:
            self._on_record(record)
        except Exception:
            _log.exception("on_record failed")

    def put_done(self) -> None:
        with self._guard:
            if not self.ended:
                self.ended = self.aborted = True
            self.done = True
        self._on_change()

    def perform(self, actions: List[Action]) -> None:
        """What the client's side has to do of these actions."""
        for action in actions:
            if isinstance(action, ClientHead):
                self.put_head(action)
            elif isinstance(action, ClientBody):
                self.put_body(action.body)
            elif isinstance(action, (ClientEnd, ClientAbort)):
                self.put_end(isinstance(action, ClientAbort))
            elif isinstance(action, Record):
                self.put_record(action.record)
            elif isinstance(action, Done):
                self.put_done()

    # The reader's side.

    def take(self) -> Optional[bytes]:
        """All bytes that wait, b"" when the answer has ended, None when there is nothing yet."""
        with self._guard:
            if not self._chunks:
                return b"" if self.ended else None
            data = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
            self._chunks.clear()
            self._waiting = 0
            was_full, self._full = self._full, False
        if was_full and self.on_room is not None:
            self.on_room()
        return data

    def finish(self) -> None:
        """The reader has come to the end: says when there is, or was, nothing to be had of it."""
        if self.aborted:
            raise AnswerCutError("the answer broke off before its end")
        if self._finished:
            raise StateError("the answer's body has been read already")
        self._finished = True

    @property
    def full(self) -> bool:
        return self._full
