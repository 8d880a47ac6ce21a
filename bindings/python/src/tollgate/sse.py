"""Server-sent events out of a stream of bytes."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass
from typing import Any, Deque, List, Optional


@dataclass(frozen=True)
class Event:
    """One event. `event` is "message" when the stream named none."""

    event: str
    data: str
    id: str = ""

    def json(self) -> Any:
        return json.loads(self.data)


class EventParser:
    """Takes bytes in any pieces and gives the events that are complete."""

    def __init__(self) -> None:
        self._rest = b""
        self._begun = False
        self._event = ""
        self._id = ""
        self._data: List[str] = []

    def feed(self, data: bytes) -> List[Event]:
        lines = (self._rest + data).splitlines(keepends=True)
        self._rest = b""
        # A line without its end waits; so does one whose \r may be half of \r\n.
        if lines and (not lines[-1].endswith((b"\r", b"\n")) or lines[-1].endswith(b"\r")):
            self._rest = lines.pop()
        return self._take(lines)

    def _take(self, lines: List[bytes]) -> List[Event]:
        found = []
        for line in lines:
            if not self._begun:
                self._begun = True
                line = line[3:] if line.startswith(b"\xef\xbb\xbf") else line
            text = line.rstrip(b"\r\n").decode("utf-8", "replace")
            if text:
                self._field(text)
            elif self._data:
                found.append(Event(self._event or "message", "\n".join(self._data), self._id))
                self._event, self._data = "", []
            else:
                self._event = ""
        return found

    def _field(self, text: str) -> None:
        name, _, value = text.partition(":")
        value = value[1:] if value.startswith(" ") else value
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value


class EventQueue:
    """The events of one answer. What was parsed and not taken waits for whoever goes on reading."""

    def __init__(self) -> None:
        self._parser = EventParser()
        self._waiting: Deque[Event] = deque()

    def put(self, data: bytes) -> None:
        self._waiting.extend(self._parser.feed(data))

    def take(self) -> Optional[Event]:
        return self._waiting.popleft() if self._waiting else None
