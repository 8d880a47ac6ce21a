"""Failures chosen by a word in the prompt."""


def status(code, **more):
    return {"fault": {"status": code, **more}}


_TEXT = {"blocks": [{"text": "A sentence that is long enough to be cut somewhere. " * 4}]}
_TOOL = {"blocks": [{"text": "Now a file."},
                    {"tool": "Bash", "input": {"command": "echo " + "never " * 40}}],
         "delta_chars": (4, 8)}

RULES = [
    {"contains": "FAIL overloaded", "reply": status(529, message="Overloaded")},
    {"contains": "FAIL odd 400", "reply": status(
        400, message="messages: this { is \"the\" upstream's own text ✓")},
    {"contains": "FAIL limit", "reply": status(429, message="Slow down", headers={
        "retry-after": "7", "anthropic-ratelimit-requests-remaining": "0"})},
    {"contains": "FAIL billing", "reply": status(402, message="Your balance is used up")},
    {"contains": "FAIL tool cut", "reply": dict(_TOOL, fault={"cut_after": 12})},
    {"contains": "FAIL tool error", "reply": dict(_TOOL, fault={
        "error_after": 12, "kind": "overloaded_error"})},
    {"contains": "FAIL text error", "stream": True, "reply": dict(_TEXT, fault={
        "error_after": 6, "kind": "api_error"})},
    {"contains": "FAIL garbage", "stream": True, "reply": dict(_TEXT, fault={
        "garbage_after": 6})},
    {"contains": "FAIL reset", "stream": True, "reply": dict(_TEXT, fault={"reset_after": 6})},
    {"contains": "FAIL html", "reply": dict(_TEXT, fault={"html": True})},
    {"contains": "FAIL empty", "reply": dict(_TEXT, fault={"empty": True})},
    {"contains": "FAIL hang up", "reply": dict(_TEXT, fault={"close": True})},
    {"contains": "FAIL error first", "times": 1, "reply": dict(_TEXT, fault={
        "error_first": "overloaded_error"})},
    {"reply": {"blocks": [{"text": "All is well."}]}},
]
