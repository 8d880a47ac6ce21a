"""Amazon's event stream frames."""

import base64
import json
import struct
import zlib


def _header(name, value):
    raw = value.encode()
    return bytes([len(name)]) + name.encode() + b"\x07" + struct.pack(">H", len(raw)) + raw


def event(kind, payload, message_type="event"):
    name = ":event-type" if message_type == "event" else ":exception-type"
    headers = (_header(name, kind) + _header(":content-type", "application/json")
               + _header(":message-type", message_type))
    prelude = struct.pack(">II", 16 + len(headers) + len(payload), len(headers))
    prelude += struct.pack(">I", zlib.crc32(prelude))
    message = prelude + headers + payload
    return message + struct.pack(">I", zlib.crc32(message))


def chunk(text):
    """An event of InvokeModelWithResponseStream."""
    payload = json.dumps({"bytes": base64.b64encode(text.encode()).decode(), "p": "abcd"})
    return event("chunk", payload.encode())
