"""Server-sent events in any pieces."""

from __future__ import annotations

import unittest

from tollgate import Event, EventParser

ROWS = (
    ("plain", b"event: a\ndata: 1\n\n", [Event("a", "1")]),
    ("no name", b"data: x\n\n", [Event("message", "x")]),
    ("several data lines", b"data: x\ndata: y\n\n", [Event("message", "x\ny")]),
    ("comment", b": hello\n\ndata: x\n\n", [Event("message", "x")]),
    ("carriage returns", b"event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n",
     [Event("a", "1"), Event("message", "2")]),
    ("no space", b"data:x\n\n", [Event("message", "x")]),
    ("only one space goes", b"data:  x\n\n", [Event("message", " x")]),
    ("id stays", b"id: 7\ndata: x\n\ndata: y\n\n",
     [Event("message", "x", "7"), Event("message", "y", "7")]),
    ("byte order mark", b"\xef\xbb\xbfdata: x\n\n", [Event("message", "x")]),
    ("utf-8", "data: Grüezi 👋\n\n".encode(), [Event("message", "Grüezi 👋")]),
    ("line separator is no end", "data: a\u2028b\n\n".encode(), [Event("message", "a\u2028b")]),
    ("vertical tab is no end", b"data: a\x0bb\n\n", [Event("message", "a\x0bb")]),
    ("name without data is nothing", b"event: a\n\ndata: x\n\n", [Event("message", "x")]),
    ("unfinished is nothing", b"data: x\n", []),
)


class Sse(unittest.TestCase):
    def test_any_split(self):
        for name, data, wanted in ROWS:
            for size in (1, 2, 3, len(data)):
                with self.subTest(name, size=size):
                    parser = EventParser()
                    found = []
                    for at in range(0, len(data), size):
                        found += parser.feed(data[at:at + size])
                    # A final \r may be half of an ending: the next byte tells.
                    found += parser.feed(b"")
                    self.assertEqual(found, wanted)


if __name__ == "__main__":
    unittest.main()
