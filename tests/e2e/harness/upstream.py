"""The simulated provider of one case."""

import base64
import json
import os
import re
import sys
import time
import urllib.request

from .process import Process, wait_for

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SUPPORT = os.path.join(os.path.dirname(_HERE), "support")


class Exchange:
    """A request as the upstream got it, and what it answered."""

    def __init__(self, entry):
        self.number = entry["number"]
        self.time = entry["time"]
        self.method = entry["method"]
        self.path = entry["path"]
        self.raw_headers = [tuple(pair) for pair in entry["headers"]]
        self.raw = base64.b64decode(entry["body_b64"])
        self.key = entry.get("key")
        self.turn = entry.get("turn")
        self.agent = entry.get("agent")
        self.refusal = entry.get("refusal")
        self.unmatched = entry.get("unmatched", False)
        self.outcome = self.ended = self.status = self.response = None

    @property
    def body(self):
        return json.loads(self.raw)

    def header(self, name):
        values = [v for n, v in self.raw_headers if n.lower() == name.lower()]
        return ",".join(values) if values else None

    def end(self, entry):
        self.outcome, self.ended, self.status = entry["outcome"], entry["time"], entry["status"]
        self.response = base64.b64decode(entry["response_b64"])


class Upstream:
    """Anthropic's API; with simulator="vendors" everybody else's."""

    def __init__(self, folder, name="upstream", port=0, simulator="simulator"):
        self._journal = os.path.join(folder, f"{name}.jsonl")
        self.process = Process(
            [sys.executable, "-B", os.path.join(_SUPPORT, simulator), "--scenarios", os.path.join(_HERE, "scenarios"),
             "--journal", self._journal, "--listen", f"127.0.0.1:{port}"],
            os.path.join(folder, f"{name}.log"))
        found = wait_for(lambda: re.search(r"listening on (\S+)", self.process.output()), 10,
                         "the simulator's start")
        self.url = found.group(1)

    def exchanges(self, path="/v1/messages"):
        """What came in so far, in order; only one path, or all with path=None."""
        found = {}
        with open(self._journal, encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                if entry["event"] == "request":
                    found[entry["number"]] = Exchange(entry)
                elif entry["number"] in found:
                    found[entry["number"]].end(entry)
        return [e for e in found.values() if path is None or e.path.split("?")[0] == path]

    def answered(self, path="/v1/messages", seconds=5):
        """As exchanges(), but with their answers: the journal is written after the client has its
        last byte, so a test may be faster than it."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.exchanges(path)
            if all(e.response is not None for e in found) or time.monotonic() > deadline:
                return found
            time.sleep(0.02)

    def counters(self, action="counters", body=b""):
        with urllib.request.urlopen(f"{self.url}/__admin/{action}", data=body or None) as answer:
            return json.loads(answer.read())

    def release(self):
        """Lets streams that wait at their gate go on."""
        return self.counters("release")
