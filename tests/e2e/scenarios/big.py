"""Answers of 24 MB: the sockets on the way take up to 4 MB each to send and 6 MB to receive."""

RULES = [
    {"reply": {"blocks": [{"text": "word " * 4_800_000}], "delta_chars": (8000, 8000)}},
]
