"""The simulated provider refuses what the real one refuses, else the other cases prove little."""

import json
import os
import time
import urllib.request

from harness.case import case
from harness.gateway import fetch
from harness.process import check, contains, equal

_HEADERS = {"x-api-key": "sk-ant-sim.hello.key", "anthropic-version": "2023-06-01",
            "content-type": "application/json"}
_BODY = {"model": "claude-opus-4-8", "max_tokens": 100,
         "messages": [{"role": "user", "content": "hi"}]}
_TOOL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
_RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}
_USER = {"role": "user", "content": "hi"}


def conversation(*messages):
    return {"messages": list(messages)}


def assistant(*blocks):
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks):
    return {"role": "user", "content": list(blocks)}


# name: (headers that differ, fields that differ, status, part of the message)
_REFUSED = {
    "no version": ({"anthropic-version": None}, {}, 400, "anthropic-version: header is required"),
    "odd version": ({"anthropic-version": "1999-01-01"}, {}, 400, "not a valid version"),
    "no key": ({"x-api-key": None}, {}, 401, "x-api-key header is required"),
    "wrong key": ({"x-api-key": "sk-ant-other"}, {}, 401, "invalid x-api-key"),
    "wrong token": ({"x-api-key": None, "authorization": "Bearer x"}, {}, 401, "Invalid bearer"),
    "unknown beta": ({"anthropic-beta": "made-up-2026-01-01"}, {}, 400, "Unexpected value(s)"),
    "unknown field": ({}, {"fancy": 1}, 400, "fancy: Extra inputs are not permitted"),
    "field of a beta": ({}, {"context_management": {"edits": []}}, 400,
                        "context_management: Extra inputs are not permitted"),
    "unknown model": ({}, {"model": "claude-1"}, 404, "model: claude-1"),
    "no max_tokens": ({}, {"max_tokens": None}, 400, "max_tokens: Field required"),
    "too many max_tokens": ({}, {"max_tokens": 10 ** 7}, 400, "maximum allowed number"),
    "no messages": ({}, {"messages": []}, 400, "at least one message"),
    "sampling of a new version": ({"anthropic-version": "2026-10-21"}, {"temperature": 1}, 400,
                                  "temperature: Extra inputs"),
    "thinking of another model": ({}, {"thinking": {"type": "enabled", "budget_tokens": 2000}},
                                  400, "not supported"),
    "effort of another model": ({}, {"model": "claude-haiku-4-5",
                                     "output_config": {"effort": "high"}}, 400, "effort"),
    "system role of an older model": ({}, {"model": "claude-haiku-4-5", **conversation(
        _USER, {"role": "system", "content": "x"})}, 400, 'Unexpected role "system"'),
    "prefill": ({}, conversation(_USER, assistant({"type": "text", "text": "I"})), 400, "prefill"),
    "call without a result": ({}, conversation(_USER, assistant(_TOOL), _USER), 400,
                              "without `tool_result`"),
    "result without a call": ({}, conversation(user(_RESULT)), 400, "unexpected `tool_use_id`"),
    "an id twice": ({}, conversation(_USER, assistant(_TOOL), user(_RESULT), assistant(_TOOL),
                                     user(_RESULT)), 400, "ids must be unique"),
    "odd id": ({}, conversation(_USER, assistant(dict(_TOOL, id="a.b"))), 400, "pattern"),
    "empty text": ({}, conversation(user({"type": "text", "text": ""})), 400, "non-empty"),
    "foreign signature": ({}, conversation(_USER, assistant(
        {"type": "thinking", "thinking": "a", "signature": "Zm9yZWlnbg=="}), _USER), 400,
        "Invalid `signature` in `thinking` block"),
    "foreign redacted data": ({}, conversation(_USER, assistant(
        {"type": "redacted_thinking", "data": "Zm9yZWlnbg=="}), _USER), 400, "Invalid `data`"),
    "an image that is none": ({}, conversation(user({"type": "image", "source": {
        "type": "base64", "media_type": "image/png", "data": "Zm9yZWlnbg=="}})), 400,
        "does not appear"),
    "a tool twice": ({}, {"tools": [{"name": "f", "input_schema": {"type": "object"}}] * 2}, 400,
                     "must be unique"),
    "five cache marks": ({}, conversation(user(*[
        {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}] * 5)), 400,
        "maximum of 4"),
}


def ask(context, headers, body, path="/v1/messages"):
    fields = {n: v for n, v in {**_HEADERS, **headers}.items() if v is not None}
    data = json.dumps({n: v for n, v in body.items() if v is not None}).encode()
    return fetch(urllib.request.Request(context.upstream.url + path, data=data, headers=fields))


@case("simulator-refuses", "hello", direct=True)
def simulator_refuses(context):
    equal(ask(context, {}, _BODY)[0], 200, "a good request")
    for name, (headers, fields, status, part) in _REFUSED.items():
        found, _, text = ask(context, headers, {**_BODY, **fields})
        equal(found, status, f"{name}: {text}")
        contains(json.loads(text)["error"]["message"], part, name)


@case("simulator-checks-signatures", "agentic", direct=True)
def simulator_checks_signatures(context):
    """A signature holds for its own text only."""
    headers = {"x-api-key": context.key}
    prompt = user({"type": "text", "text": "[folder:/nowhere]"})
    _, _, text = ask(context, headers, {**_BODY, **conversation(prompt)})
    blocks = json.loads(text)["content"]
    results = user(*[{"type": "tool_result", "tool_use_id": b["id"], "content": "x"}
                     for b in blocks if b["type"] == "tool_use"])
    turns = conversation(prompt, assistant(*blocks), results)
    equal(ask(context, headers, {**_BODY, **turns})[0], 200, "the thinking as it was")
    blocks[0]["thinking"] += " "
    status, _, text = ask(context, headers, {**_BODY, **turns})
    equal(status, 400, "the thinking with a space more")
    contains(text, "Invalid `signature`", "the refusal")
    check(os.path.getsize(os.path.join(context.folder, "upstream.jsonl")) > 0, "no journal")


@case("simulator-faults", "failing", direct=True)
def simulator_faults(context):
    """Each fault is on the wire what it says."""
    headers = {"x-api-key": context.key}

    def outcome(prompt):
        body = {**_BODY, "stream": True, **conversation({"role": "user", "content": prompt})}
        status, _, text = ask(context, headers, body)
        # The journal is written after the last byte went out.
        time.sleep(0.05)
        return status, text, context.upstream.answered()[-1].outcome

    equal(outcome("FAIL overloaded")[0], 529, "a status")
    equal(outcome("FAIL html")[1][:9], "<!doctype", "a web page")
    equal(outcome("FAIL empty")[:2], (200, ""), "an empty answer")
    equal(outcome("FAIL hang up")[::2], (0, "cut"), "a hang-up")
    equal(outcome("FAIL tool cut")[2], "cut", "a cut stream")
    equal(outcome("FAIL reset")[2], "cut", "a reset stream")
    contains(outcome("FAIL text error")[1], "event: error", "an error event")
    contains(outcome("FAIL error first")[1], "event: error", "an error event first")
    contains(outcome("FAIL error first")[1], "message_stop", "the answer after that")
