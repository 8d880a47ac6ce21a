"""A primary that serves the first turn of the main job and dies at the next: how, the prompt says in
[dies:WAY]. Whoever takes over goes on as scenarios/agentic.py does."""

import re

WAYS = {
    "529": {"status": 529, "message": "Overloaded"},
    "error event first": {"error_first": "overloaded_error"},
    "hang-up": {"close": True},
    "reset": {"reset": True},
    "no first byte": {"slow_first_byte": 60},
    "nothing": {"empty": True},
    "cut before content": {"cut_after": 1},
    "cut after content": {"cut_after": 8},
}


def _prompt(request):
    return "\n".join(block.get("text", "") for block in request.turns[0][1])


def first(request):
    folder = re.search(r"\[folder:([^\]]+)\]", _prompt(request)).group(1)
    return {"blocks": [
        {"thinking": "Let me look at both files at once."},
        {"text": "I look at the two files."},
        {"tool": "Bash", "input": {"command": "printf 'α→β 🚀\\n' && wc -c notes.txt",
                                   "description": "Show some letters"}},
        {"tool": "Read", "input": {"file_path": folder + "/notes.txt"}},
    ]}


def die(request):
    way = re.search(r"\[dies:([^\]]+)\]", _prompt(request)).group(1)
    # What the client asks again without a stream is not served either.
    fault = WAYS[way] if request.stream else WAYS["529"]
    return {"blocks": [{"text": "This text never reaches its end. " * 10}], "fault": fault}


RULES = [
    {"turn": 0, "reply": first},
    {"reply": die},
]
