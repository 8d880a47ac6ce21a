"""Bedrock's Converse, for a Claude model: reasoning is signed, answers are binary frames."""

import base64
import json
import re
from urllib.parse import unquote

import common
import frames
import signatures
from common import only, refuse, replies

ANSWER_TYPE = "application/vnd.amazon.eventstream"
_PATH = re.compile(r"/model/([^/]+)/(converse|converse-stream)\Z")
_FIELDS = {"system", "messages", "inferenceConfig", "toolConfig", "additionalModelRequestFields",
           "additionalModelResponseFieldPaths", "outputConfig", "requestMetadata", "serviceTier"}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_ONE_OF = ("text", "image", "document", "toolUse", "toolResult", "reasoningContent", "cachePoint")


def match(path):
    found = _PATH.match(path)
    return {"model": unquote(found[1]), "stream": found[2] == "converse-stream"} if found else None


def key(headers):
    return common.aws_key(headers)


def streams(_body, route):
    return route["stream"]


def check(body, _route):
    only("body", body, _FIELDS)
    only("inferenceConfig", body.get("inferenceConfig", {}),
         {"maxTokens", "temperature", "topP", "stopSequences"})
    for block in body.get("system", []):
        if not (block.get("text") or "cachePoint" in block):
            refuse("The text field in the ContentBlock object at system is blank.")
    names = _check_tools(body.get("toolConfig"))
    role, calls, marks = None, [], 0
    for index, message in enumerate(body.get("messages") or refuse("messages is empty")):
        only(f"messages.{index}", message, {"role", "content"})
        if message["role"] == role or (index == 0 and message["role"] != "user"):
            refuse("A conversation must alternate between user and assistant roles.")
        role = message["role"]
        calls, found = _check_message(f"messages.{index}", message, calls, names)
        marks += found
    if calls:
        refuse("Expected toolResult blocks for the following Ids: " + ", ".join(calls))
    if marks > 4:
        refuse("You provided more than 4 cachePoint blocks.")


def _check_tools(config):
    if config is None:
        return None
    only("toolConfig", config, {"tools", "toolChoice"})
    names = []
    for tool in config["tools"]:
        if "cachePoint" in tool:
            continue
        spec = only("toolSpec", tool["toolSpec"], {"name", "description", "inputSchema", "strict"})
        if not _NAME.match(spec["name"]) or spec["name"] in names or spec.get("description") == "":
            refuse(f"Invalid toolSpec {spec['name']}.")
        names.append(spec["name"])
        if spec["inputSchema"]["json"].get("type") != "object":
            refuse("The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of "
                   "the following: object.")
    if not names:
        refuse("toolConfig.tools must have at least one member.")
    return names


def _check_message(path, message, calls, names):
    own, answered, marks = [], [], 0
    for block in message["content"] or refuse(f"The content field at {path} is empty."):
        kinds = [kind for kind in _ONE_OF if kind in block]
        if len(kinds) != 1 or len(block) != 1:
            refuse(f"{path}: a ContentBlock holds exactly one member.")
        value = block[kinds[0]]
        if kinds[0] == "text" and not value.strip():
            refuse(f"The text field in the ContentBlock object at {path} is blank.")
        if kinds[0] in ("toolUse", "toolResult") and names is None:
            refuse("The toolConfig field must be defined when using toolUse and toolResult "
                   "content blocks.")
        if kinds[0] == "toolUse":
            only(path, value, {"toolUseId", "name", "input"})
            own.append(value["toolUseId"])
        if kinds[0] == "toolResult":
            only(path, value, {"toolUseId", "status", "content"})
            answered.append(value["toolUseId"])
            if not value["content"]:
                refuse(f"The content field at {path}.toolResult is empty.")
        if kinds[0] == "reasoningContent" and "reasoningText" in value:
            text = only(path, value["reasoningText"], {"text", "signature"})
            if not signatures.is_valid(text["text"], text.get("signature", "")):
                refuse(f"{path}: Invalid `signature` in `thinking` block")
        marks += kinds[0] == "cachePoint"
    if sorted(answered) != sorted(calls) or len(set(own)) != len(own):
        refuse("The number of toolResult blocks exceeds or misses the number of toolUse blocks of "
               "previous turn.")
    return own, marks


def _media(value):
    return {"type": "image", "source": {"type": "base64", "media_type": "image/" + value["format"],
                                        "data": value["source"]["bytes"]}}


def _block(block):
    kind, value = next(iter(block.items()))
    if kind == "text":
        return {"type": "text", "text": value}
    if kind == "image":
        return _media(value)
    if kind == "toolUse":
        return {"type": "tool_use", "id": value["toolUseId"], "name": value["name"],
                "input": value["input"]}
    if kind == "toolResult":
        return {"type": "tool_result", "tool_use_id": value["toolUseId"],
                "content": [_block(inner) for inner in value["content"]]}
    return {"type": kind}


def messages(body):
    return common.turns([{"role": m["role"], "content": [_block(b) for b in m["content"]]}
                         for m in body["messages"]])


def _usage(tokens, blocks):
    output = replies.output_tokens(blocks)
    return {"inputTokens": tokens - tokens // 2, "outputTokens": output,
            "totalTokens": tokens + output, "cacheReadInputTokens": tokens // 2,
            "cacheWriteInputTokens": 0}


def _stop(reply, blocks):
    return replies.stop_reason(blocks, reply.get("stop_reason"))


def whole(reply, blocks, body, tokens, _rng):
    content = []
    for block in blocks:
        if block["type"] == "text":
            content.append({"text": block["text"]})
        elif block["type"] == "tool_use":
            content.append({"toolUse": {"toolUseId": block["id"].replace("toolu_", "tooluse_"),
                                        "name": block["name"], "input": block["input"]}})
        elif block["type"] == "thinking":
            content.append({"reasoningContent": {"reasoningText": {
                "text": block["thinking"], "signature": block["signature"]}}})
        else:
            content.append({"reasoningContent": {"redactedContent": base64.b64encode(
                block["data"].encode()).decode()}})
    return {"output": {"message": {"role": "assistant", "content": content}},
            "stopReason": _stop(reply, blocks), "usage": _usage(tokens, blocks),
            "metrics": {"latencyMs": 5}}


def stream(reply, blocks, body, tokens, rng):
    def event(kind, value):
        return frames.event(kind, json.dumps(dict(value, p="abcdefgh")).encode())

    yield event("messageStart", {"role": "assistant"})
    for index, block in enumerate(blocks):
        at = {"contentBlockIndex": index}
        deltas = []
        if block["type"] == "tool_use":
            yield event("contentBlockStart", dict(at, start={"toolUse": {
                "toolUseId": block["id"].replace("toolu_", "tooluse_"), "name": block["name"]}}))
            deltas = [{"toolUse": {"input": piece}} for piece in
                      replies.pieces(json.dumps(block["input"]), (1, 40), rng)]
        elif block["type"] == "text":
            deltas = [{"text": piece} for piece in replies.pieces(block["text"], (1, 20), rng)]
        elif block["type"] == "thinking":
            deltas = [{"reasoningContent": {"text": piece}} for piece in
                      replies.pieces(block["thinking"], (1, 20), rng)]
            deltas.append({"reasoningContent": {"signature": block["signature"]}})
        else:
            deltas = [{"reasoningContent": {"redactedContent": base64.b64encode(
                block["data"].encode()).decode()}}]
        for delta in deltas:
            yield event("contentBlockDelta", dict(at, delta=delta))
        yield event("contentBlockStop", at)
    yield event("messageStop", {"stopReason": _stop(reply, blocks)})
    yield event("metadata", {"usage": _usage(tokens, blocks), "metrics": {"latencyMs": 5}})


def error(refusal):
    return {"message": refusal.message}
