"""The state of one simulator: keys, counters, cache, journal."""

import base64
import hashlib
import itertools
import json
import threading
import time

import replies
from refusal import Refusal

# A key names its scenario: sk-ant-sim.SCENARIO.ANYTHING (a subscription's token likewise).
_KEY_PREFIX = "sk-ant-sim."


class Journal:
    """One JSON object a line: each request as it came, and how its answer ended."""

    def __init__(self, path):
        self._file = open(path, "a", encoding="utf-8") if path else None
        self._lock = threading.Lock()

    def write(self, entry):
        if self._file is None:
            return
        line = json.dumps(entry)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


class Counters:
    """What the admin endpoint shows. A stream is open from its head to its end."""

    def __init__(self):
        self._lock = threading.Lock()
        self._values = {"requests": 0, "connections": 0, "open_connections": 0,
                        "open_streams": 0, "most_open_streams": 0, "cancelled": 0, "refused": 0}

    def add(self, name, amount=1):
        with self._lock:
            self._values[name] += amount
            self._values["most_open_streams"] = max(self._values["most_open_streams"],
                                                    self._values["open_streams"])

    def snapshot(self):
        with self._lock:
            return dict(self._values)


class Service:
    def __init__(self, scenarios, journal, default_scenario):
        self.scenarios = scenarios
        self.journal = journal
        self.default_scenario = default_scenario
        self.counters = Counters()
        self.gate = threading.Event()
        self._numbers = itertools.count(1)
        self._cached = {}
        self._lock = threading.Lock()
        # Two simulators of one test must not give out the same ids.
        self.seed = time.time_ns()

    def next_number(self):
        return next(self._numbers)

    def authenticate(self, headers):
        """Returns (key, scenario) of a request; the key header wins over the bearer token."""
        key = headers.get("x-api-key")
        message = "invalid x-api-key"
        if key is None:
            scheme, _, key = (headers.get("authorization") or "").partition(" ")
            if not key:
                raise Refusal(401, "x-api-key header is required", headers={
                    "x-should-retry": "false"})
            message = "Invalid bearer token"
            if scheme.lower() != "bearer":
                key = ""
        scenario = key[len(_KEY_PREFIX):].split(".")[0] if key.startswith(_KEY_PREFIX) else ""
        if scenario == "any":
            scenario = self.default_scenario
        if scenario not in self.scenarios.names():
            raise Refusal(401, message, headers={"x-should-retry": "false"})
        return key, scenario

    def usage(self, key, body):
        """Counts the prompt, and remembers its marked prefix as the prompt cache does."""
        total = replies.tokens_of(json.dumps(body.get("messages"))) + replies.tokens_of(
            json.dumps([body.get("system"), body.get("tools")]))
        # The first system block changes with every request and is known not to count.
        system = [block for block in body.get("system") or [] if isinstance(block, dict)
                  and not block.get("text", "").startswith("x-anthropic-billing-header:")]
        prefix = 0
        if any(block.get("cache_control") for block in system):
            text = json.dumps([key, body.get("model"), body.get("tools"), system])
            prefix = min(replies.tokens_of(text), total - 1)
            digest = hashlib.sha256(text.encode()).digest()
            with self._lock:
                known = digest in self._cached
                self._cached[digest] = True
        read, written = (prefix, 0) if prefix and known else (0, prefix)
        return {"input_tokens": total - prefix, "cache_creation_input_tokens": written,
                "cache_read_input_tokens": read,
                "cache_creation": {"ephemeral_5m_input_tokens": written,
                                   "ephemeral_1h_input_tokens": 0},
                "output_tokens": 1, "service_tier": "standard", "inference_geo": "not_available"}


def request_entry(number, handler, raw):
    """The journal's line about a request."""
    return {"event": "request", "number": number, "time": time.time(), "method": handler.command,
            "path": handler.path, "headers": list(handler.headers.items()),
            "connection": handler.client_address[1],
            "body_b64": base64.b64encode(raw).decode()}
