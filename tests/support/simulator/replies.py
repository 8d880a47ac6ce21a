"""Builds the answer of one turn, as a message or as the events of a stream."""

import json
import random
import string

import signatures

_ID_LETTERS = string.ascii_letters + string.digits


def new_id(prefix, rng):
    return prefix + "01" + "".join(rng.choices(_ID_LETTERS, k=22))


def content(blocks, rng):
    """The content blocks of a reply, from the short form that scenarios are written in."""
    return [_block(block, rng) for block in blocks]


def _block(block, rng):
    if "text" in block:
        return {"type": "text", "text": block["text"]}
    if "thinking" in block:
        signature = block.get("signature", signatures.sign(block["thinking"]))
        return {"type": "thinking", "thinking": block["thinking"], "signature": signature}
    if "redacted" in block:
        return {"type": "redacted_thinking", "data": signatures.seal(block["redacted"])}
    return {"type": "tool_use", "id": block.get("id") or new_id("toolu_", rng),
            "name": block["tool"], "input": block.get("input", {})}


def tokens_of(text):
    """About four bytes a token; never nothing."""
    return max(1, len(text.encode("utf-8", "replace")) // 4)


def output_tokens(blocks):
    return sum(tokens_of(json.dumps(block)) for block in blocks) or 1


def thinking_tokens(blocks):
    return sum(tokens_of(block["thinking"]) for block in blocks if block["type"] == "thinking")


def stop_reason(blocks, wanted):
    if wanted:
        return wanted
    return "tool_use" if any(block["type"] == "tool_use" for block in blocks) else "end_turn"


def message(reply, blocks, model, usage, rng):
    """The whole message of an answer without a stream."""
    final = dict(usage, output_tokens=output_tokens(blocks))
    if thinking_tokens(blocks):
        final["output_tokens_details"] = {"thinking_tokens": thinking_tokens(blocks)}
    return {"model": reply.get("model", model), "id": new_id("msg_", rng), "type": "message",
            "role": "assistant", "content": blocks,
            "stop_reason": stop_reason(blocks, reply.get("stop_reason")),
            "stop_sequence": reply.get("stop_sequence"), "stop_details": None, "usage": final}


def mixed_json(value, rng):
    """JSON with its characters spelled in all the ways a model's output may spell them."""
    out = []
    for letter in json.dumps(value, ensure_ascii=False):
        if ord(letter) > 0x7f and rng.random() < 0.5:
            out.append(json.dumps(letter)[1:-1])
        elif letter == "/" and rng.random() < 0.2:
            out.append("\\/")
        else:
            out.append(letter)
    return "".join(out)


def pieces(text, sizes, rng):
    """Cuts a text anywhere, also inside an escape."""
    at = 0
    while at < len(text):
        size = rng.randint(*sizes)
        yield text[at:at + size]
        at += size


def encode_event(name, data, rng, ascii_only=False):
    """One event as bytes, with the service's habit of spaces before the last brace."""
    if name == "ping":
        text = rng.choice(['{"type": "ping"}', '{"type":"ping"}'])
    else:
        text = json.dumps(data, ensure_ascii=ascii_only, separators=(",", ":"))
        text = text[:-1] + " " * rng.choice((0, 0, 1, 4, 9, 15)) + "}"
    return f"event: {name}\ndata: {text}\n\n".encode("utf-8")


def stream(reply, blocks, model, usage, rng):
    """Yields (name, data) for each event of a stream."""
    sizes = tuple(reply.get("delta_chars", (1, 24)))
    start = message(reply, [], model, usage, rng)
    start.update(stop_reason=None, stop_sequence=None)
    start["usage"] = dict(usage, output_tokens=1)
    yield "message_start", {"type": "message_start", "message": start}
    for index, block in enumerate(blocks):
        yield from _block_events(index, block, sizes, rng)
        if index == 0:
            yield "ping", None
        for extra in reply.get("unknown_events", ()):
            yield extra, {"type": extra, "index": index}
    final = {key: usage[key] for key in
             ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")}
    final["output_tokens"] = output_tokens(blocks)
    if thinking_tokens(blocks):
        final["output_tokens_details"] = {"thinking_tokens": thinking_tokens(blocks)}
    yield "message_delta", {
        "type": "message_delta",
        "delta": {"stop_reason": stop_reason(blocks, reply.get("stop_reason")),
                  "stop_sequence": reply.get("stop_sequence"), "stop_details": None},
        "usage": final}
    yield "message_stop", {"type": "message_stop"}


def _block_events(index, block, sizes, rng):
    kind = block["type"]
    empty = {"text": {"type": "text", "text": ""},
             "thinking": {"type": "thinking", "thinking": "", "signature": ""},
             "tool_use": dict(block, input={})}.get(kind, block)
    yield "content_block_start", {"type": "content_block_start", "index": index,
                                  "content_block": empty}
    deltas = []
    if kind == "text":
        deltas = [{"type": "text_delta", "text": part}
                  for part in pieces(block["text"], sizes, rng)]
    elif kind == "thinking":
        deltas = [{"type": "thinking_delta", "thinking": part}
                  for part in pieces(block["thinking"], sizes, rng)]
        deltas.append({"type": "signature_delta", "signature": block["signature"]})
    elif kind == "tool_use":
        text = mixed_json(block["input"], rng) if block["input"] else ""
        deltas = [{"type": "input_json_delta", "partial_json": ""}]
        deltas += [{"type": "input_json_delta", "partial_json": part}
                   for part in pieces(text, sizes, rng)]
    for delta in deltas:
        yield "content_block_delta", {"type": "content_block_delta", "index": index,
                                      "delta": delta}
    yield "content_block_stop", {"type": "content_block_stop", "index": index}


def generator(*seed):
    """A random source that repeats with the same seed."""
    return random.Random("/".join(str(part) for part in seed))
