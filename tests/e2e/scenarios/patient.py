"""Streams that last: until they are released, or for a minute."""

_LONG = {"blocks": [{"text": "word " * 2000}], "delta_chars": (5, 5), "pause_ms": 50}

RULES = [
    {"contains": "WAIT", "turn": 0, "reply": {
        "blocks": [{"text": "Before the gate, "}, {"text": "after the gate."}],
        "delta_chars": (100, 100), "gate_after_events": 4}},
    {"contains": "EARLY", "reply": {"blocks": [{"text": "Here."}], "gate_after_events": 1}},
    {"contains": "SILENT", "reply": {"blocks": [{"text": "late"}],
                                     "fault": {"slow_first_byte": 30}}},
    {"contains": "LONG", "reply": _LONG},
    {"reply": {"blocks": [{"text": "Quick."}]}},
]
