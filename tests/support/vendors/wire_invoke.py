"""Claude behind Bedrock's InvokeModel: Anthropic Messages with a body and frames of its own."""

import json
import re
from urllib.parse import unquote

import common
import conversation
import frames
import models
from common import refuse, replies

ANSWER_TYPE = "application/vnd.amazon.eventstream"
_PATH = re.compile(r"/model/([^/]+)/(invoke|invoke-with-response-stream)\Z")
_FIELDS = {"anthropic_version", "anthropic_beta", "max_tokens", "messages", "system", "tools",
           "tool_choice", "thinking", "temperature", "top_p", "top_k", "stop_sequences",
           "output_config", "context_management", "metadata"}


def match(path):
    found = _PATH.match(path)
    return {"model": unquote(found[1]), "stream": found[2] != "invoke"} if found else None


def key(headers):
    return common.aws_key(headers)


def streams(_body, route):
    return route["stream"]


def check(body, route):
    for name in body:
        if name not in _FIELDS and name != "model":
            refuse(f"{name}: Extra inputs are not permitted")
    for name in body.get("metadata", {}):
        if name != "user_id":
            refuse(f"metadata.{name}: Extra inputs are not permitted")
    if body.get("anthropic_version") != "bedrock-2023-05-31":
        refuse("anthropic_version: Field required")
    if not isinstance(body.get("anthropic_beta", []), list):
        refuse("anthropic_beta: Input should be a valid list")
    if not re.search(r"anthropic\.claude", route["model"]):
        refuse("The provided model identifier is invalid.")
    model = models.find("claude-opus-4-8")
    conversation.check(body, model, "2023-06-01", body.get("anthropic_beta", []))


def messages(body):
    return [{"role": role, "content": [_listed(b) for b in blocks]}
            for role, blocks in conversation.merged(body["messages"])]


def _listed(block):
    if block.get("type") == "tool_result" and isinstance(block.get("content"), str):
        return dict(block, content=[{"type": "text", "text": block["content"]}])
    return block


def _usage(tokens):
    return {"input_tokens": tokens, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0,
            "output_tokens": 1}


def whole(reply, blocks, body, tokens, rng):
    return replies.message(reply, blocks, "claude-opus-4-8", _usage(tokens), rng)


def stream(reply, blocks, body, tokens, rng):
    for name, data in replies.stream(reply, blocks, "claude-opus-4-8", _usage(tokens), rng):
        yield frames.chunk(json.dumps(data or {"type": name}))


def error(refusal):
    return {"message": refusal.message}
