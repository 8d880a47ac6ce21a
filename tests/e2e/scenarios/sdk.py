"""What the programs in clients/ ask for."""

CALL = {"city": "Zürich 🏔️", "days": [1, 2, 3], "nested": {"a\"b": None}}


def read_back(request):
    return {"blocks": [{"text": "The tool said: " + request.result_text()}]}


RULES = [
    {"path": "/count_tokens", "reply": {}},
    {"contains": "FAIL overloaded", "reply": {"fault": {"status": 529, "message": "Overloaded"}}},
    {"contains": "FAIL broken", "reply": {"blocks": [{"text": "half an answer " * 5}],
                                          "fault": {"cut_after": 6}}},
    {"contains": "TOOL", "turn": 0, "reply": {
        "blocks": [{"text": "I look."}, {"tool": "weather", "input": CALL}],
        "cut": "byte", "delta_chars": (1, 3)}},
    {"contains": "AGENT", "turn": 0, "reply": {"blocks": [
        {"tool": "Bash", "input": {"command": "echo from-the-agent"}}]}},
    {"turn": 1, "reply": read_back},
    {"reply": {"blocks": [{"text": "Grüezi ✓ 👋🏽"}], "cut": "random"}},
]
