"""Gemini's generateContent, as its third generation takes it: calls come back signed."""

import json
import re

import common
import signatures
from common import only, refuse, replies

ANSWER_TYPE = "text/event-stream"
_PATH = re.compile(r"/v1beta/models/([^/:]+):(generateContent|streamGenerateContent)\Z")
_FIELDS = {"systemInstruction", "contents", "tools", "toolConfig", "safetySettings",
           "generationConfig", "serviceTier"}
_GENERATION = {"temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "candidateCount",
               "seed", "responseMimeType", "responseSchema", "responseJsonSchema",
               "thinkingConfig"}
_PART = {"text", "inlineData", "fileData", "functionCall", "functionResponse", "thought",
         "thoughtSignature"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}\Z")
_SCHEMA = {"$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum",
           "items", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf", "oneOf",
           "properties", "additionalProperties", "required", "propertyOrdering", "minLength",
           "maxLength", "pattern", "default", "nullable"}
_BYPASS = "skip_thought_signature_validator"


def match(path):
    found = _PATH.match(path)
    return {"model": found[1], "stream": found[2].startswith("stream")} if found else None


def key(headers):
    return headers.get("x-goog-api-key") or ""


def streams(_body, route):
    return route["stream"]


def check(body, _route):
    only("body", body, _FIELDS)
    generation = only("generationConfig", body.get("generationConfig", {}), _GENERATION)
    if len(generation.get("stopSequences", [])) > 5:
        refuse("The number of stop sequences must not exceed 5.")
    for tool in body.get("tools", []):
        for declared in tool.get("functionDeclarations", []):
            only("function_declarations", declared,
                 {"name", "description", "parametersJsonSchema", "parameters"})
            if not _NAME.match(declared["name"]):
                refuse(f"Invalid function name: {declared['name']}.")
            _check_schema(declared["name"], declared.get("parametersJsonSchema", {}))
    contents = body.get("contents") or refuse("contents is not specified")
    calls, before = [], None
    for index, content in enumerate(contents):
        only(f"contents[{index}]", content, {"role", "parts"})
        if content["role"] not in ("user", "model") or not content["parts"]:
            refuse(f"contents[{index}]: Please use a valid role: user, model, and some parts.")
        if content["role"] == before:
            refuse("simulator: neighbours of equal role should be one")
        before = content["role"]
        calls = _check_parts(content, calls)
    if calls:
        refuse("Please ensure that function call turn comes immediately after a user turn or "
               "after a function response turn.")
    _check_signatures(contents)


def _check_schema(name, root):
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, dict):
            continue
        for keyword, value in node.items():
            if keyword not in _SCHEMA:
                refuse(f'Invalid JSON payload received. Unknown name "{keyword}" at '
                       f"'tools.function_declarations.{name}': Cannot find field.")
            if keyword in ("properties", "$defs"):
                waiting.extend(value.values())
            elif keyword in ("items", "additionalProperties"):
                waiting.append(value)
            elif keyword in ("anyOf", "oneOf", "prefixItems"):
                waiting.extend(value)
        if "" in node.get("enum", []):
            refuse(f"{name}: enum: cannot be empty")


def _check_parts(content, calls):
    own = []
    answered = 0
    for part in content["parts"]:
        only("parts", part, _PART)
        kinds = [name for name in ("text", "inlineData", "fileData", "functionCall",
                                   "functionResponse") if name in part]
        if len(kinds) != 1:
            refuse("A part must have exactly one kind of data.")
        if "functionCall" in part:
            only("functionCall", part["functionCall"], {"id", "name", "args"})
            own.append(part["functionCall"]["name"])
        if "functionResponse" in part:
            only("functionResponse", part["functionResponse"], {"id", "name", "response", "parts"})
            if answered >= len(calls) or part["functionResponse"]["name"] != calls[answered]:
                refuse("Please ensure that the number of function response parts is equal to the "
                       "number of function call parts of the function call turn.")
            answered += 1
        if part.get("inlineData", {}).get("mimeType") == "image/gif":
            refuse("Unsupported MIME type: image/gif")
    if calls and answered != len(calls):
        refuse("Please ensure that the number of function response parts is equal to the number "
               "of function call parts of the function call turn.")
    return own


def _check_signatures(contents):
    """Of the current turn, the first call of each step must be signed."""
    current = []
    for content in contents:
        if content["role"] == "user" and any(
                "functionResponse" not in part for part in content["parts"]) and not any(
                "functionResponse" in part for part in content["parts"]):
            current = []
        elif content["role"] == "model":
            current.append(content)
    for content in current:
        calls = [part for part in content["parts"] if "functionCall" in part]
        if not calls:
            continue
        signature = calls[0].get("thoughtSignature")
        name = calls[0]["functionCall"]["name"]
        if not signature:
            refuse("Function call is missing a thought_signature in functionCall parts. "
                   f"function call `default_api:{name}`, position 1")
        if signature != _BYPASS and signature != signatures.sign(name):
            refuse("Corrupted thought signature.")


def messages(body):
    out = []
    for content in body["contents"]:
        blocks = []
        for part in content["parts"]:
            if part.get("thought"):
                blocks.append({"type": "thinking"})
            elif "text" in part:
                blocks.append({"type": "text", "text": part["text"]})
            elif "inlineData" in part:
                blocks.append(_media(part["inlineData"]))
            elif "functionCall" in part:
                blocks.append({"type": "tool_use", **part["functionCall"]})
            elif "functionResponse" in part:
                answer = part["functionResponse"]
                value = answer["response"]
                text = value.get("output", value.get("error", ""))
                blocks.append({"type": "tool_result", "content": [
                    {"type": "text", "text": text}] + [
                        _media(inner["inlineData"]) for inner in answer.get("parts", [])]})
        out.append({"role": "assistant" if content["role"] == "model" else "user",
                    "content": blocks})
    return common.turns(out)


def _media(data):
    kind = "image" if data["mimeType"].startswith("image/") else "document"
    return {"type": kind, "source": {"type": "base64", "media_type": data["mimeType"],
                                     "data": data["data"]}}


def _usage(tokens, blocks):
    output = replies.output_tokens(blocks)
    return {"promptTokenCount": tokens, "cachedContentTokenCount": tokens // 2,
            "candidatesTokenCount": output, "thoughtsTokenCount": 3,
            "totalTokenCount": tokens + output + 3}


def _finish(reply):
    return "MAX_TOKENS" if reply.get("stop_reason") == "max_tokens" else "STOP"


def _parts(blocks):
    signed = False
    for block in blocks:
        if block["type"] == "thinking":
            if block["thinking"]:
                yield {"text": block["thinking"], "thought": True}
        elif block["type"] == "text":
            yield {"text": block["text"]}
        elif block["type"] == "tool_use":
            part = {"functionCall": {"name": block["name"], "args": block["input"]}}
            if not signed:
                part["thoughtSignature"] = signatures.sign(block["name"])
            signed = True
            yield part


def _answer(parts, reply, body, tokens, blocks, last):
    candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
    if last:
        candidate["finishReason"] = _finish(reply)
    return {"candidates": [candidate], "usageMetadata": _usage(tokens, blocks),
            "modelVersion": body["model"], "responseId": "sim-response"}


def whole(reply, blocks, body, tokens, _rng):
    return _answer(list(_parts(blocks)), reply, body, tokens, blocks, True)


def stream(reply, blocks, body, tokens, rng):
    def event(parts, last=False):
        text = json.dumps(_answer(parts, reply, body, tokens, blocks, last),
                          ensure_ascii=rng.random() < 0.5)
        return f"data: {text}\r\n\r\n".encode()

    for part in _parts(blocks):
        if "text" not in part:
            yield event([part])
            continue
        for piece in replies.pieces(part["text"], (5, 40), rng):
            yield event([dict(part, text=piece)])
    yield event([{"text": ""}], True)


def error(refusal):
    names = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND",
             429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}
    return {"error": {"code": refusal.status, "message": refusal.message,
                      "status": names.get(refusal.status, "INTERNAL")}}
