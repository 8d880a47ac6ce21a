"""Two sub-agents at once, each with its own conversation."""


def call(name):
    return {"tool": "Agent", "input": {"description": f"helper {name}",
                                       "prompt": f"SUBPROMPT {name}: answer with your name",
                                       "subagent_type": "general-purpose"}}


def finish(request):
    """Newer clients give the answers as notes of later turns, older ones as tool results."""
    text = str(request.turns)
    names = " and ".join(f"{name} ✓" for name in ("A1", "A2") if f"I am {name}." in text)
    return {"blocks": [{"text": f"Both helpers answered: {names}."}]}


RULES = [
    {"turn": 0, "contains": "SUBPROMPT A1", "reply": {"blocks": [{"text": "I am A1."}]}},
    {"turn": 0, "contains": "SUBPROMPT A2", "reply": {"blocks": [{"text": "I am A2."}]}},
    {"turn": 0, "reply": {"blocks": [{"text": "I ask."}, call("A1"), call("A2")],
                          "cut": "random"}},
    {"reply": finish},
]
