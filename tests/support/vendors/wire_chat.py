"""OpenAI Chat Completions, as a strict reasoning server of that shape takes and sends it."""

import json
import re

import common
from common import arguments, only, refuse, replies

ANSWER_TYPE = "text/event-stream; charset=utf-8"
_FIELDS = {"model", "messages", "tools", "tool_choice", "parallel_tool_calls", "stream",
           "stream_options", "max_completion_tokens", "max_tokens", "temperature", "top_p", "stop",
           "reasoning_effort", "response_format", "safety_identifier", "prompt_cache_key", "user",
           "service_tier", "metadata", "store", "verbosity"}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")


def match(path):
    return {} if path == "/v1/chat/completions" else None


def key(headers):
    scheme, _, token = (headers.get("authorization") or "").partition(" ")
    return token if scheme == "Bearer" else ""


def streams(body, _route):
    return bool(body.get("stream"))


def check(body, _route):
    only("body", body, _FIELDS)
    if "max_tokens" in body and "max_completion_tokens" in body:
        refuse("Setting 'max_tokens' and 'max_completion_tokens' at the same time is not "
               "supported.")
    if "stream_options" in body and not body.get("stream"):
        refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    _check_tools(body)
    open_calls = []
    for index, message in enumerate(body.get("messages") or refuse("messages is empty")):
        open_calls = _check_message(f"messages.[{index}]", message, open_calls)
    if open_calls:
        _unanswered(open_calls)


def _unanswered(calls):
    refuse("An assistant message with 'tool_calls' must be followed by tool messages responding "
           "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
           + ", ".join(calls))


def _check_tools(body):
    names = set()
    for index, tool in enumerate(body.get("tools") or []):
        only(f"tools[{index}]", tool, {"type", "function"})
        function = only(f"tools[{index}].function", tool["function"],
                        {"name", "description", "parameters", "strict"})
        if not _NAME.match(function["name"]) or function["name"] in names:
            refuse(f"Invalid 'tools[{index}].function.name'.")
        names.add(function["name"])
        common.schema(f"tools[{index}].function.parameters", function.get("parameters"))
    if len(names) > 128:
        refuse("Invalid 'tools': array too long. Expected an array with maximum length 128.")
    if not names and ("tool_choice" in body or "parallel_tool_calls" in body):
        refuse("'tool_choice' is only allowed when 'tools' are specified.")
    choice = body.get("tool_choice")
    if isinstance(choice, dict) and choice["function"]["name"] not in names:
        refuse("Tool choice names no tool.")


def _check_message(path, message, open_calls):
    role = message.get("role")
    if role == "tool":
        only(path, message, {"role", "tool_call_id", "content"})
        if message["tool_call_id"] not in open_calls:
            refuse(f"Invalid parameter: messages with role 'tool' must be a response to a "
                   f"preceeding message with 'tool_calls' ({path}).")
        if not isinstance(message["content"], str) or not message["content"]:
            refuse(f"{path}.content: a tool message holds text.")
        return [call for call in open_calls if call != message["tool_call_id"]]
    if open_calls:
        _unanswered(open_calls)
    if role in ("system", "developer", "user"):
        only(path, message, {"role", "content", "name"})
        if role == "user":
            _user_blocks(message)
        elif not isinstance(message["content"], str):
            refuse(f"{path}.content: expected a string.")
        return []
    if role != "assistant":
        refuse(f"Invalid value: '{role}' at {path}.role.")
    only(path, message, {"role", "content", "tool_calls", "refusal", "reasoning",
                         "reasoning_content"})
    if not message.get("content") and not message.get("tool_calls"):
        refuse(f"Invalid value for '{path}.content': expected a string, got null.")
    calls = []
    for call in message.get("tool_calls") or []:
        only(path, call, {"id", "type", "function"})
        arguments(path, call["function"]["arguments"])
        if not _NAME.match(call["function"]["name"]) or not 0 < len(call["id"]) <= 64:
            refuse(f"{path}: a tool call's name or id is not valid.")
        if call["id"] in calls:
            refuse(f"{path}: a tool call's id stands twice.")
        calls.append(call["id"])
    return calls


def _user_blocks(message):
    content = message["content"]
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    blocks = []
    for part in content:
        if part["type"] == "text":
            only("part", part, {"type", "text"})
            blocks.append({"type": "text", "text": part["text"]})
        elif part["type"] == "image_url":
            only("part", part, {"type", "image_url"})
            blocks.append(common.data_url(part["image_url"]["url"]))
        elif part["type"] == "file":
            only("part", part["file"], {"filename", "file_data"})
            blocks.append({"type": "document", "source": {}})
        else:
            refuse(f"Invalid value: '{part['type']}'.")
    return blocks


def messages(body):
    """As Anthropic Messages has them. Pictures behind results belong to the last of them."""
    out = []
    for message in body["messages"]:
        role = message["role"]
        if role in ("system", "developer"):
            continue
        if role == "tool":
            out.append({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": message["tool_call_id"],
                 "content": [{"type": "text", "text": message["content"]}]}]})
        elif role == "user":
            out.append({"role": "user", "content": _user_blocks(message)})
        else:
            blocks = [{"type": "text", "text": message["content"]}] if message["content"] else []
            for call in message.get("tool_calls") or []:
                blocks.append({"type": "tool_use", "id": call["id"],
                               "name": call["function"]["name"],
                               "input": json.loads(call["function"]["arguments"])})
            out.append({"role": "assistant", "content": blocks})
    return [_with_pictures(turn) for turn in common.turns(out)]


def _with_pictures(turn):
    results = [b for b in turn["content"] if b["type"] == "tool_result"]
    if results:
        results[-1]["content"] += [b for b in turn["content"] if b["type"] == "image"]
    return turn


def usage(tokens, output):
    return {"prompt_tokens": tokens, "completion_tokens": output, "total_tokens": tokens + output,
            "prompt_tokens_details": {"cached_tokens": tokens // 2, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 3, "audio_tokens": 0}}


def _finish(reply, blocks):
    names = {"max_tokens": "length", "refusal": "content_filter"}
    if reply.get("stop_reason"):
        return names.get(reply["stop_reason"], "stop")
    return "tool_calls" if any(b["type"] == "tool_use" for b in blocks) else "stop"


def whole(reply, blocks, body, tokens, rng):
    message = {"role": "assistant", "refusal": None,
               "content": "".join(b["text"] for b in blocks if b["type"] == "text") or None}
    calls = [b for b in blocks if b["type"] == "tool_use"]
    if calls:
        message["tool_calls"] = [{"id": b["id"], "type": "function", "function": {
            "name": b["name"], "arguments": json.dumps(b["input"])}} for b in calls]
    thought = "".join(b["thinking"] for b in blocks if b["type"] == "thinking")
    if thought:
        message["reasoning_content"] = thought
    return {"id": replies.new_id("chatcmpl-", rng), "object": "chat.completion", "created": 1,
            "model": body["model"], "usage": usage(tokens, replies.output_tokens(blocks)),
            "choices": [{"index": 0, "message": message, "logprobs": None,
                         "finish_reason": _finish(reply, blocks)}]}


def stream(reply, blocks, body, tokens, rng):
    """Yields the bytes of each event. Calls are interleaved, as some servers do."""
    chunk_id = replies.new_id("chatcmpl-", rng)

    def event(choices, used=None):
        value = {"id": chunk_id, "object": "chat.completion.chunk", "created": 1,
                 "model": body["model"], "choices": choices}
        if (body.get("stream_options") or {}).get("include_usage"):
            value["usage"] = used
        return ("data: " + json.dumps(value, ensure_ascii=rng.random() < 0.5) + "\n\n").encode()

    def delta(value, finish=None):
        return event([{"index": 0, "delta": value, "logprobs": None, "finish_reason": finish}])

    yield delta({"role": "assistant", "content": "" if rng.random() < 0.5 else None})
    for block in blocks:
        if block["type"] == "thinking":
            for piece in replies.pieces(block["thinking"], (1, 20), rng):
                yield delta({"reasoning_content": piece})
        elif block["type"] == "text":
            for piece in replies.pieces(block["text"], (1, 20), rng):
                yield delta({"content": piece})
    waiting = []
    for index, block in enumerate(b for b in blocks if b["type"] == "tool_use"):
        yield delta({"tool_calls": [{"index": index, "id": block["id"], "type": "function",
                                     "function": {"name": block["name"], "arguments": ""}}]})
        waiting.append((index, list(replies.pieces(json.dumps(block["input"]), (1, 30), rng))))
    while waiting:
        index, pieces = rng.choice(waiting)
        yield delta({"tool_calls": [{"index": index, "function": {"arguments": pieces.pop(0)}}]})
        waiting = [entry for entry in waiting if entry[1]]
    yield delta({}, _finish(reply, blocks))
    if (body.get("stream_options") or {}).get("include_usage"):
        yield event([], usage(tokens, replies.output_tokens(blocks)))
    yield b"data: [DONE]\n\n"


def error(refusal):
    return {"error": {"message": refusal.message, "type": refusal.kind, "param": None,
                      "code": None}}
