"""One short answer, with thinking where it is on."""

RULES = [
    {"path": "/count_tokens", "reply": {}},
    {"reply": {"blocks": [{"text": "Hello from upstream: ✓ 👋🏽 done."}], "cut": "random"}},
]
