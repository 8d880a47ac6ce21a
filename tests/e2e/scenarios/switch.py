"""A conversation of many steps: each thinks, calls a tool, and says that it is done."""

import re


def _step(request):
    return re.findall(r"Step (\d+), please", request.last_text)[-1]


def call(request):
    step = _step(request)
    return {"blocks": [
        {"thinking": f"Step {step} needs a look."},
        {"text": "I look."},
        {"tool": "Bash", "input": {"command": f"echo step-{step}", "description": "Echo"}},
    ]}


def finish(request):
    step = re.search(r"step-(\d+)", request.result_text()).group(1)
    return {"blocks": [{"thinking": "It came back."}, {"text": f"Step {step} is done."}]}


RULES = [
    {"when": lambda request: bool(request.results), "reply": finish},
    {"contains": ", please", "reply": call},
]
