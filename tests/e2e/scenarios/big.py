"""Answers of several megabytes, more than the sockets on the way take."""

RULES = [
    {"reply": {"blocks": [{"text": "word " * 1_600_000}], "delta_chars": (8000, 8000)}},
]
