"""OpenAI Responses, stateless, with encrypted reasoning that must come back as it went."""

import json
import re

import common
import signatures
from common import arguments, only, refuse, replies

ANSWER_TYPE = "text/event-stream; charset=utf-8"
_FIELDS = {"model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "stream",
           "stream_options", "max_output_tokens", "temperature", "top_p", "reasoning", "include",
           "text", "store", "safety_identifier", "prompt_cache_key", "service_tier", "metadata",
           "truncation"}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}\Z")


def match(path):
    return {} if path == "/v1/responses" else None


def key(headers):
    scheme, _, token = (headers.get("authorization") or "").partition(" ")
    return token if scheme == "Bearer" else ""


def streams(body, _route):
    return bool(body.get("stream"))


def check(body, _route):
    only("body", body, _FIELDS)
    if body.get("store") is not False:
        refuse("simulator: a gateway must not store answers (store: false)")
    if body.get("max_output_tokens", 16) < 16:
        refuse("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16.")
    if "instructions" in body:
        common.text_of("instructions", body["instructions"])
    _check_tools(body)
    items = body.get("input")
    if not isinstance(items, list) or not items:
        refuse("Missing required parameter: 'input'.")
    calls, answered = [], set()
    for index, item in enumerate(items):
        _check_item(f"input[{index}]", item, calls, answered)
        if item.get("type") == "reasoning" and index + 1 == len(items):
            refuse(f"Item '{item['id']}' of type 'reasoning' was provided without its required "
                   "following item.")
    for call in calls:
        if call not in answered:
            refuse(f"No tool output found for function call {call}.")


def _check_tools(body):
    names = set()
    for index, tool in enumerate(body.get("tools") or []):
        if tool.get("type") == "web_search":
            continue
        only(f"tools[{index}]", tool, {"type", "name", "description", "parameters", "strict"})
        if tool["type"] != "function" or not _NAME.match(tool["name"]) or tool["name"] in names:
            refuse(f"Invalid 'tools[{index}]'.")
        if not isinstance(tool.get("strict"), bool):
            refuse(f"simulator: tools[{index}] leaves strict to the service")
        names.add(tool["name"])
        common.schema(f"tools[{index}].parameters", tool.get("parameters"))
    if len(names) > 128:
        refuse("Invalid 'tools': array too long. Expected an array with maximum length 128.")


_PARTS = {"input_text": {"type", "text"}, "input_image": {"type", "image_url", "detail", "file_id"},
          "input_file": {"type", "filename", "file_data", "file_url"},
          "output_text": {"type", "text", "annotations"}, "refusal": {"type", "refusal"}}


def _check_parts(path, parts, role):
    for part in parts:
        allowed = _PARTS.get(part.get("type"))
        if allowed is None or (part["type"] in ("output_text", "refusal")) != (role == "assistant"):
            refuse(f"Invalid value: '{part.get('type')}' at {path}.")
        only(path, part, allowed)
        if part["type"] == "input_image" and "detail" not in part:
            refuse(f"Missing required parameter: '{path}.detail'.")


def _check_item(path, item, calls, answered):
    kind = item.get("type", "message")
    if kind == "message":
        only(path, item, {"type", "role", "content", "phase"})
        if item["role"] not in ("user", "assistant", "developer", "system"):
            refuse(f"Invalid value: '{item['role']}'.")
        if isinstance(item["content"], list):
            _check_parts(path, item["content"], item["role"])
    elif kind == "function_call":
        only(path, item, {"type", "call_id", "name", "arguments"})
        arguments(path, item["arguments"])
        if item["call_id"] in calls or not 0 < len(item["call_id"]) <= 64:
            refuse(f"{path}: the call_id stands twice or is not valid.")
        calls.append(item["call_id"])
    elif kind == "function_call_output":
        only(path, item, {"type", "call_id", "output"})
        if item["call_id"] not in calls or item["call_id"] in answered:
            refuse(f"No tool call found for function call output with call_id {item['call_id']}.")
        answered.add(item["call_id"])
        if isinstance(item["output"], list):
            _check_parts(path, item["output"], "user")
        elif not item["output"]:
            refuse(f"{path}.output: must not be empty.")
    elif kind == "reasoning":
        only(path, item, {"type", "id", "summary", "encrypted_content"})
        text = "".join(part["text"] for part in item["summary"])
        if item.get("encrypted_content") != _seal(item["id"], text):
            refuse("The encrypted content for item " + item["id"] + " could not be verified.")
    else:
        refuse(f"Invalid value: '{kind}' at {path}.type.")


def _seal(item_id, text):
    return signatures.sign(item_id + text)


def _blocks(parts):
    if isinstance(parts, str):
        return [{"type": "text", "text": parts}]
    out = []
    for part in parts:
        if part["type"] == "input_image":
            out.append(common.data_url(part["image_url"]))
        elif part["type"] == "input_file":
            out.append({"type": "document", "source": {}})
        else:
            out.append({"type": "text", "text": part.get("text", "")})
    return out


def messages(body):
    out = []
    for item in body["input"]:
        kind = item.get("type", "message")
        if kind == "message" and item["role"] in ("user", "assistant"):
            out.append({"role": item["role"], "content": _blocks(item["content"])})
        elif kind == "function_call":
            out.append({"role": "assistant", "content": [
                {"type": "tool_use", "id": item["call_id"], "name": item["name"],
                 "input": json.loads(item["arguments"])}]})
        elif kind == "function_call_output":
            out.append({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": item["call_id"],
                 "content": _blocks(item["output"])}]})
        elif kind == "reasoning":
            out.append({"role": "assistant", "content": [{"type": "thinking"}]})
    return common.turns(out)


def _items(blocks, rng):
    for block in blocks:
        if block["type"] == "text":
            yield {"id": replies.new_id("msg_", rng), "type": "message", "status": "completed",
                   "role": "assistant", "content": [
                       {"type": "output_text", "text": block["text"], "annotations": [],
                        "logprobs": []}]}
        elif block["type"] == "tool_use":
            yield {"id": replies.new_id("fc_", rng), "type": "function_call", "status": "completed",
                   "call_id": block["id"].replace("toolu_", "call_"), "name": block["name"],
                   "arguments": json.dumps(block["input"])}
        else:
            item_id = replies.new_id("rs_", rng)
            text = block.get("thinking", "")
            yield {"id": item_id, "type": "reasoning", "encrypted_content": _seal(item_id, text),
                   "summary": [{"type": "summary_text", "text": text}] if text else []}


def _response(reply, body, output, tokens, blocks, rng, status):
    done = status == "completed"
    cut = done and reply.get("stop_reason") == "max_tokens"
    used = {"input_tokens": tokens, "input_tokens_details": {"cached_tokens": tokens // 2},
            "output_tokens": replies.output_tokens(blocks),
            "output_tokens_details": {"reasoning_tokens": 3},
            "total_tokens": tokens + replies.output_tokens(blocks)}
    return {"id": replies.new_id("resp_", rng), "object": "response", "created_at": 1,
            "status": "incomplete" if cut else status, "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
            "model": body["model"], "output": output, "parallel_tool_calls": True,
            "usage": used if done else None, "store": False}


def whole(reply, blocks, body, tokens, rng):
    return _response(reply, body, list(_items(blocks, rng)), tokens, blocks, rng, "completed")


def stream(reply, blocks, body, tokens, rng):
    number = iter(range(1_000_000))

    def event(kind, **members):
        data = {"type": kind, "sequence_number": next(number), **members}
        text = json.dumps(data, ensure_ascii=rng.random() < 0.5)
        return f"event: {kind}\ndata: {text}\n\n".encode()

    start = _response(reply, body, [], tokens, blocks, rng, "in_progress")
    yield event("response.created", response=start)
    yield event("response.in_progress", response=start)
    output = list(_items(blocks, rng))
    for index, item in enumerate(output):
        yield from _item_events(event, index, item, rng)
    final = dict(_response(reply, body, output, tokens, blocks, rng, "completed"), id=start["id"])
    yield event("response." + final["status"], response=final)


def _item_events(event, index, item, rng):
    at = {"output_index": index, "item_id": item["id"]}
    if item["type"] == "reasoning":
        yield event("response.output_item.added", output_index=index,
                    item=dict(item, summary=[], encrypted_content="not yet"))
        for part, value in enumerate(item["summary"]):
            yield event("response.reasoning_summary_part.added", **at, summary_index=part,
                        part={"type": "summary_text", "text": ""})
            for piece in replies.pieces(value["text"], (1, 20), rng):
                yield event("response.reasoning_summary_text.delta", **at, summary_index=part,
                            delta=piece)
            yield event("response.reasoning_summary_text.done", **at, summary_index=part,
                        text=value["text"])
            yield event("response.reasoning_summary_part.done", **at, summary_index=part, part=value)
    elif item["type"] == "function_call":
        yield event("response.output_item.added", output_index=index,
                    item=dict(item, arguments="", status="in_progress"))
        for piece in replies.pieces(item["arguments"], (1, 40), rng):
            yield event("response.function_call_arguments.delta", **at, delta=piece)
        yield event("response.function_call_arguments.done", **at, arguments=item["arguments"])
    else:
        yield event("response.output_item.added", output_index=index,
                    item=dict(item, content=[], status="in_progress"))
        part = item["content"][0]
        yield event("response.content_part.added", **at, content_index=0, part=dict(part, text=""))
        for piece in replies.pieces(part["text"], (1, 20), rng):
            yield event("response.output_text.delta", **at, content_index=0, delta=piece,
                        logprobs=[])
        yield event("response.output_text.done", **at, content_index=0, text=part["text"])
        yield event("response.content_part.done", **at, content_index=0, part=part)
    yield event("response.output_item.done", output_index=index, item=item)


def error(refusal):
    return {"error": {"message": refusal.message, "type": refusal.kind, "param": None,
                      "code": None}}
