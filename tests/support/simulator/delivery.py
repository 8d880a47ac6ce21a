"""Puts an answer on the wire, whole or with a fault, and notices when the reader goes away.

Faults of a reply, by key: status (with message, kind, headers): an error before the stream;
html, empty: a 200 that is no answer; reset, close: the connection ends without an answer;
slow_first_byte (seconds); error_first (kind): a 200 whose first event is an error. After N events:
cut_after, reset_after, stall_after (with seconds), garbage_after, error_after (with kind).
"""

import json
import select
import socket
import struct
import time

import replies
from refusal import Refusal

POLLRDHUP = getattr(select, "POLLRDHUP", 0x2000)


class ReaderGone(Exception):
    """The peer closed the connection before the answer was complete."""


class Cut(Exception):
    """The connection must end here, as the scenario wants."""


class Wire:
    """A connection that is written piece by piece."""

    def __init__(self, connection):
        self._connection = connection
        self._poll = select.poll()
        self._poll.register(connection, POLLRDHUP | select.POLLHUP | select.POLLERR)
        self.sent = bytearray()

    def wait(self, seconds, event=None):
        """Waits, or until an event is set; raises as soon as the reader is gone."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            step = max(0.0, min(left, 0.02 if event else left))
            if self._poll.poll(int(step * 1000)):
                raise ReaderGone()
            if (event and event.is_set()) or time.monotonic() >= deadline:
                return

    def raw(self, data):
        try:
            self._connection.sendall(data)
        except OSError:
            raise ReaderGone() from None

    def chunks(self, data, cut, rng):
        """Sends body bytes as chunks: each of its own, so that no reader sees two as one."""
        self.sent += data
        if not cut:
            self.raw(b"%x\r\n%s\r\n" % (len(data), data))
            return
        at = 0
        while at < len(data):
            size = 1 if cut == "byte" else rng.randint(1, 40)
            piece = data[at:at + size]
            self.raw(b"%x\r\n%s\r\n" % (len(piece), piece))
            at += size
        if self._poll.poll(0):
            raise ReaderGone()

    def end(self):
        self.raw(b"0\r\n\r\n")

    def reset(self):
        """Makes the following close a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def before_answer(fault, wire):
    """The faults that come instead of an answer; returns normally when there is none."""
    if "slow_first_byte" in fault:
        wire.wait(fault["slow_first_byte"])
    if "status" in fault:
        raise Refusal(fault["status"], fault.get("message", "simulated failure"),
                      kind=fault.get("kind"), headers=fault.get("headers"))
    if fault.get("reset"):
        wire.reset()
        raise Cut()
    if fault.get("close"):
        raise Cut()


def error_event(kind, rng, request_id):
    text = {"overloaded_error": "Overloaded"}.get(kind, "Internal server error")
    data = {"type": "error", "error": {"details": None, "type": kind, "message": text},
            "request_id": request_id}
    return replies.encode_event("error", data, rng)


def stream(wire, events, reply, rng, gate, request_id):
    """Sends the events of a reply."""
    fault = reply.get("fault", {})
    cut = reply.get("cut")
    pause = reply.get("pause_ms", 0) / 1000
    ascii_only = reply.get("ascii_events", False)
    if "error_first" in fault:
        wire.chunks(error_event(fault["error_first"], rng, request_id), cut, rng)
        return
    for count, (name, data) in enumerate(events):
        _faults_at(count, fault, wire, rng, request_id)
        if fault.get("error_after") == count:
            return
        if reply.get("gate_after_events") == count:
            wire.wait(60, gate)
        if reply.get("ping_every") and count and count % reply["ping_every"] == 0:
            wire.chunks(replies.encode_event("ping", None, rng), cut, rng)
        wire.chunks(replies.encode_event(name, data, rng, ascii_only), cut, rng)
        if pause:
            wire.wait(pause)


def _faults_at(count, fault, wire, rng, request_id):
    if fault.get("cut_after") == count:
        raise Cut()
    if fault.get("reset_after") == count:
        # A reset may overtake bytes that were sent: give them time to arrive.
        wire.wait(0.1)
        wire.reset()
        raise Cut()
    if fault.get("stall_after") == count:
        wire.wait(fault.get("seconds", 3600))
    if fault.get("garbage_after") == count:
        wire.chunks(b"\x00\xff\xfe{]garbage\n\nevent: content_block_delta\ndata: {\"type\":\n\n",
                    None, rng)
    if fault.get("error_after") == count:
        wire.chunks(error_event(fault.get("kind", "overloaded_error"), rng, request_id), None, rng)


def odd_success(fault):
    """The (content type, body) of a 200 that is no answer, or None."""
    if fault.get("html"):
        return "text/html", b"<!doctype html><html><body><h1>Welcome</h1></body></html>"
    if fault.get("empty"):
        return "application/json", b""
    return None


def json_bytes(value, ascii_only=False):
    return json.dumps(value, ensure_ascii=ascii_only).encode("utf-8")
