"""What the real service refuses about the conversation: roles, blocks, pairs, signatures."""

import base64
import binascii
import re

import signatures
from refusal import invalid

_TOOL_ID = re.compile(r"[a-zA-Z0-9_-]+\Z")
_TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}\Z")
_MESSAGE_FIELDS = {"role", "content", "clear_at", "output_config"}
_IMAGES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8",
           "image/webp": b"RIFF"}

# The fields of each block: required ones, then optional ones.
_BLOCKS = {
    "text": ("text", "citations cache_control"),
    "image": ("source", "cache_control transformations"),
    "document": ("source", "title context citations cache_control"),
    "search_result": ("source title content", "citations cache_control"),
    "thinking": ("thinking signature", ""),
    "redacted_thinking": ("data", ""),
    "tool_use": ("id name input", "caller toolset_name cache_control"),
    "tool_result": ("tool_use_id", "content is_error toolset_name cache_control"),
    "tool_reference": ("tool_name", "cache_control"),
    "tool_addition": ("tool", "cache_control"),
    "tool_removal": ("tool", "cache_control"),
    "server_tool_use": ("id name input", "caller cache_control"),
    "web_search_tool_result": ("tool_use_id content", "caller cache_control"),
}
_ASSISTANT_ONLY = {"thinking", "redacted_thinking", "tool_use", "server_tool_use",
                   "web_search_tool_result"}
_SYSTEM_ONLY = {"tool_addition", "tool_removal"}
_RESULT_BLOCKS = {"text", "image", "document", "search_result", "tool_reference"}
_TOOL_FIELDS = {"name", "description", "input_schema", "cache_control", "strict", "defer_loading",
                "eager_input_streaming", "input_examples", "allowed_callers", "type"}
_CACHE_MARKS_MAX = 4


def blocks_of(message):
    """The content of a message as a list of blocks."""
    content = message.get("content")
    return [{"type": "text", "text": content}] if isinstance(content, str) else content or []


def check(body, model, api_version, beta_names):
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise invalid("messages: Field required")
    if not messages:
        raise invalid("messages: at least one message is required")
    for index, message in enumerate(messages):
        _message(f"messages.{index}", message, model, api_version)
    _system(body.get("system"))
    _tools(body.get("tools"), body.get("tool_choice"))
    _cache_marks(body, beta_names)
    _pairs(messages)
    _ends(body, messages, model)


def _message(path, message, model, api_version):
    if not isinstance(message, dict):
        raise invalid(f"{path}: Input should be a valid dictionary")
    for name in message:
        if name not in _MESSAGE_FIELDS:
            raise invalid(f"{path}.{name}: Extra inputs are not permitted")
    role = message.get("role")
    if role == "system":
        if not model.system_role:
            raise invalid('messages: Unexpected role "system". The Messages API accepts a '
                          'top-level `system` parameter, not "system" as an input message role.')
    elif role not in ("user", "assistant"):
        raise invalid(f"{path}.role: Input should be 'user' or 'assistant'")
    if not isinstance(message.get("content"), (str, list)):
        raise invalid(f"{path}.content: Field required")
    for index, block in enumerate(blocks_of(message)):
        _block(f"{path}.content.{index}", block, role, api_version)


def _block(path, block, role, api_version):
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _BLOCKS:
        raise invalid(f"{path}: Input tag '{kind}' found using 'type' does not match any of the "
                      "expected tags")
    required, optional = (names.split() for names in _BLOCKS[kind])
    for name in required:
        if name not in block:
            raise invalid(f"{path}.{kind}.{name}: Field required")
    for name in block:
        if name != "type" and name not in required and name not in optional:
            raise invalid(f"{path}.{kind}.{name}: Extra inputs are not permitted")
    if kind in _ASSISTANT_ONLY and role != "assistant":
        raise invalid(f"{path}: `{kind}` blocks can only be in assistant messages")
    if kind in _SYSTEM_ONLY and role != "system":
        raise invalid(f"{path}: `{kind}` blocks can only be in system messages")
    if kind == "tool_result" and role != "user":
        raise invalid(f"{path}: `tool_result` blocks can only be in user messages")
    if kind == "document" and role == "assistant" and api_version == "2026-10-21":
        raise invalid(f"{path}: `document` blocks can only be in user messages")
    _BLOCK_RULES.get(kind, lambda *_: None)(path, block)


def _text(path, block):
    if not isinstance(block["text"], str):
        raise invalid(f"{path}.text.text: Input should be a valid string")
    if not block["text"]:
        raise invalid("messages: text content blocks must be non-empty")


def _image(path, block):
    source = block["source"]
    if source.get("type") != "base64":
        return
    magic = _IMAGES.get(source.get("media_type"))
    if magic is None:
        raise invalid(f"{path}.source.base64.media_type: Input should be 'image/jpeg', "
                      "'image/png', 'image/gif' or 'image/webp'")
    try:
        data = base64.b64decode(source.get("data", ""), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"{path}.source.base64.data: invalid base64 data") from None
    if not data.startswith(magic):
        raise invalid(f"{path}.source.base64.data: The image was specified using the "
                      f"{source['media_type']} media type, but does not appear to be one")


def _thinking(path, block):
    if not signatures.is_valid(block["thinking"], block["signature"]):
        raise invalid(f"{path}: Invalid `signature` in `thinking` block")


def _redacted(path, block):
    if not signatures.is_sealed(block["data"]):
        raise invalid(f"{path}: Invalid `data` in `redacted_thinking` block")


def _tool_use(path, block):
    if not isinstance(block["id"], str) or not _TOOL_ID.match(block["id"]):
        raise invalid(f"{path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    if not isinstance(block["name"], str) or not _TOOL_NAME.match(block["name"]):
        raise invalid(f"{path}.tool_use.name: String should match pattern "
                      "'^[a-zA-Z0-9_-]{1,128}$'")
    if not isinstance(block["input"], dict):
        raise invalid(f"{path}.tool_use.input: Input should be a valid dictionary")


def _tool_result(path, block):
    content = block.get("content")
    if content is None or isinstance(content, str):
        return
    for index, part in enumerate(content):
        if part.get("type") not in _RESULT_BLOCKS:
            raise invalid(f"{path}.tool_result.content.{index}: Input tag '{part.get('type')}' "
                          "found using 'type' does not match any of the expected tags")
        _block(f"{path}.content.{index}", part, "user", "")


_BLOCK_RULES = {"text": _text, "image": _image, "thinking": _thinking,
                "redacted_thinking": _redacted, "tool_use": _tool_use, "tool_result": _tool_result}


def _system(system):
    if system is None or isinstance(system, str):
        return
    if not isinstance(system, list):
        raise invalid("system: Input should be a valid list")
    for index, block in enumerate(system):
        if not isinstance(block, dict) or block.get("type") != "text":
            raise invalid(f"system.{index}.type: Input should be 'text'")
        if not block.get("text"):
            raise invalid("system: text content blocks must be non-empty")


def _tools(tools, choice):
    names = set()
    for index, tool in enumerate(tools or []):
        kind = tool.get("type") or "custom"
        name = tool.get("name")
        if kind == "custom":
            for field in tool:
                if field not in _TOOL_FIELDS:
                    raise invalid(f"tools.{index}.custom.{field}: Extra inputs are not permitted")
            if not isinstance(name, str) or not _TOOL_NAME.match(name):
                raise invalid(f"tools.{index}.custom.name: String should match pattern "
                              "'^[a-zA-Z0-9_-]{1,128}$'")
            if (tool.get("input_schema") or {}).get("type") != "object":
                raise invalid(f"tools.{index}.custom.input_schema.type: Field required")
        if name in names:
            raise invalid("tools: Tool names must be unique.")
        names.add(name)
    if choice and choice.get("type") == "tool" and choice.get("name") not in names:
        raise invalid(f"tool_choice: Tool '{choice.get('name')}' not found in provided tools")


def _cache_marks(body, beta_names):
    marked = [block for block in body.get("tools") or []]
    marked += [block for block in body.get("system") or [] if isinstance(block, dict)]
    for message in body["messages"]:
        marked += blocks_of(message)
    marks = [block["cache_control"] for block in marked if block.get("cache_control")]
    if len(marks) > _CACHE_MARKS_MAX:
        raise invalid(f"A maximum of {_CACHE_MARKS_MAX} blocks with cache_control may be "
                      f"provided. Found {len(marks)}.")
    for mark in marks:
        if mark.get("type") != "ephemeral" or mark.get("ttl", "5m") not in ("5m", "1h"):
            raise invalid("cache_control: Input should be {'type': 'ephemeral'}")
        if "scope" in mark and not any(b.startswith("prompt-caching-scope-") for b in beta_names):
            raise invalid("cache_control.ephemeral.scope: Extra inputs are not permitted")


def merged(messages):
    """The turns as the service sees them: same roles joined, system messages left out."""
    turns = []
    for message in messages:
        if message["role"] == "system":
            continue
        if turns and turns[-1][0] == message["role"]:
            turns[-1][1].extend(blocks_of(message))
        else:
            turns.append((message["role"], list(blocks_of(message))))
    return turns


def _pairs(messages):
    """Each call has its own id and its result at the start of the next turn, and none too many."""
    seen = set()
    open_calls = []
    for index, (role, blocks) in enumerate(merged(messages)):
        results = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
        missing = [call for call in open_calls if call not in results]
        if missing:
            raise invalid(f"messages.{index}: `tool_use` ids were found without `tool_result` "
                          f"blocks immediately after: {', '.join(missing)}. Each `tool_use` block "
                          "must have a corresponding `tool_result` block in the next message.")
        for result in results:
            if result not in open_calls:
                raise invalid(f"messages.{index}: unexpected `tool_use_id` found in `tool_result` "
                              f"blocks: {result}. Each `tool_result` block must have a "
                              "corresponding `tool_use` block in the previous message.")
        if len(results) != len(set(results)):
            raise invalid(f"messages.{index}: each tool_use must have a single result.")
        open_calls = []
        for block in blocks if role == "assistant" else []:
            if block["type"] != "tool_use":
                continue
            if block["id"] in seen:
                raise invalid(f"messages.{index}: `tool_use` ids must be unique")
            seen.add(block["id"])
            open_calls.append(block["id"])
    if open_calls:
        raise invalid("messages: `tool_use` ids were found without `tool_result` blocks "
                      f"immediately after: {', '.join(open_calls)}.")


def _ends(body, messages, model):
    turns = merged(messages)
    if turns and turns[-1][0] == "assistant" and not model.prefill:
        raise invalid("This model does not support assistant message prefill. The conversation "
                      "must end with a user message.")
    if (body.get("thinking") or {}).get("type") != "enabled" or len(turns) < 2:
        return
    if turns[-1][0] == "user" and any(b["type"] == "tool_result" for b in turns[-1][1]):
        first = turns[-2][1][0]["type"]
        if first not in ("thinking", "redacted_thinking"):
            raise invalid(f"messages.{len(messages) - 2}.content.0.type: Expected `thinking` or "
                          f"`redacted_thinking`, but found `{first}`. When `thinking` is enabled, "
                          "a final `assistant` message must start with a thinking block.")
