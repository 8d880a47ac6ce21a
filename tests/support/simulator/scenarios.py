"""Scenarios: tables that say which answer a request gets.

A scenario is a file, NAME.py with a list RULES or NAME.json with such a list. The first rule that
fits answers:

    {"turn": 1, "reply": {"blocks": [{"text": "done"}]}}

Conditions (all must hold): turn (assistant turns so far), contains (in the last user turn), agent
(comes from a sub-agent), stream, model (as it arrived), path (end of the request's path), times
(how often the rule may be used). In a Python file a condition `when` may be a function of the
Request, and so may a reply.

A reply has blocks ({"text"}, {"thinking"}, {"redacted"}, {"tool", "input", "id"}), and may have
stop_reason, model, delta_chars (least, most), pause_ms (between events), ping_every (events),
gate_after_events (waits for POST /__admin/release), unknown_events, ascii_events, cut ("byte",
"random" or absent: one write an event), headers, and fault (see faults in delivery.py).
"""

import importlib.util
import json
import os
import threading

import conversation


class Request:
    """What a rule can look at."""

    def __init__(self, path, headers, body):
        self.path = path
        self.headers = headers
        self.body = body
        self.model = body.get("model")
        self.stream = bool(body.get("stream"))
        self.agent = headers.get("x-claude-code-agent-id")
        turns = conversation.merged(body.get("messages") or [])
        self.turn = sum(1 for role, _ in turns if role == "assistant")
        self.last = turns[-1][1] if turns and turns[-1][0] == "user" else []
        self.turns = turns

    @property
    def last_text(self):
        return "\n".join(text for block in self.last for text in _texts(block))

    @property
    def results(self):
        return [block for block in self.last if block["type"] == "tool_result"]

    def result_text(self, index=0):
        return "\n".join(_texts(self.results[index])) if index < len(self.results) else ""


def _texts(block):
    if block["type"] == "text":
        yield block["text"]
    elif block["type"] == "tool_result":
        content = block.get("content") or []
        if isinstance(content, str):
            yield content
        else:
            yield from (part["text"] for part in content if part["type"] == "text")


class Scenarios:
    """All scenarios of a folder, and how often each rule was used under each key."""

    def __init__(self, folder):
        self._rules = {}
        self._used = {}
        self._lock = threading.Lock()
        for name in sorted(os.listdir(folder)) if folder else ():
            stem, extension = os.path.splitext(name)
            path = os.path.join(folder, name)
            if extension == ".json":
                with open(path, encoding="utf-8") as file:
                    self._rules[stem] = json.load(file)
            elif extension == ".py" and not stem.startswith("_"):
                spec = importlib.util.spec_from_file_location(f"scenario_{stem}", path)
                module = importlib.util.module_from_spec(spec)
                spec.loader.exec_module(module)
                self._rules[stem] = module.RULES

    def names(self):
        return list(self._rules)

    def answer(self, scenario, key, request):
        """Returns the reply of the first rule that fits, or None."""
        for index, rule in enumerate(self._rules[scenario]):
            if not _fits(rule, request) or not self._use((scenario, key, index), rule):
                continue
            reply = rule["reply"]
            return reply(request) if callable(reply) else reply
        return None

    def _use(self, place, rule):
        with self._lock:
            count = self._used.get(place, 0)
            if "times" in rule and count >= rule["times"]:
                return False
            self._used[place] = count + 1
            return True


def _fits(rule, request):
    tests = {
        "turn": lambda wanted: request.turn == wanted,
        "contains": lambda wanted: wanted in request.last_text,
        "agent": lambda wanted: bool(request.agent) == wanted,
        "stream": lambda wanted: request.stream == wanted,
        "model": lambda wanted: request.model == wanted,
        "path": lambda wanted: request.path.endswith(wanted),
        "when": lambda wanted: wanted(request),
    }
    # Rules are about messages unless they name another path.
    if "path" not in rule and not request.path.endswith("/messages"):
        return False
    return all(test(rule[name]) for name, test in tests.items() if name in rule)
