"""A stream is cut in its text; the same request without a stream is answered."""

RULES = [
    {"stream": True, "reply": {"blocks": [{"text": "This text never reaches its end. " * 10}],
                               "fault": {"cut_after": 8}}},
    {"stream": False, "reply": {"blocks": [{"text": "Whole again."}]}},
]
