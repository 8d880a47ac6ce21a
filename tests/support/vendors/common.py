"""What the wires share: refusals in checking, ids, and the conversation as scenarios see it."""

import json
import os
import sys

sys.path.insert(1, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                                "simulator"))

import replies  # noqa: E402,F401
from refusal import Refusal  # noqa: E402


def refuse(message, status=400, kind="invalid_request_error"):
    raise Refusal(status, message, kind=kind)


def only(path, value, allowed):
    """A dictionary with no other fields than these."""
    if not isinstance(value, dict):
        refuse(f"Invalid type for '{path}': expected an object.")
    for name in value:
        if name not in allowed:
            refuse(f"Unknown parameter: '{path}.{name}'.".replace("'.", "'"))
    return value


def text_of(path, value):
    if not isinstance(value, str):
        refuse(f"Invalid type for '{path}': expected a string.")
    return value


def arguments(path, value):
    """A tool call's arguments: a string that is a JSON object."""
    try:
        parsed = json.loads(text_of(path, value))
    except ValueError:
        refuse(f"Invalid '{path}': not valid JSON.")
    if not isinstance(parsed, dict):
        refuse(f"Invalid '{path}': expected an object.")
    return parsed


def schema(path, value):
    """A tool's schema as every service wants it at least: an object with properties."""
    if not isinstance(value, dict) or value.get("type") != "object":
        refuse(f"Invalid schema for '{path}': schema must be of type \"object\".")
    if not isinstance(value.get("properties"), dict):
        refuse(f"Invalid schema for '{path}': object schema missing properties.")
    for name in ("oneOf", "anyOf", "allOf", "enum", "not"):
        if name in value:
            refuse(f"Invalid schema for '{path}': schema must have type 'object' and not have "
                   f"'{name}' at the top level.")


def turns(messages):
    """Neighbours of the same role joined, as scenarios count them."""
    joined = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            joined[-1]["content"].extend(message["content"])
        else:
            joined.append({"role": message["role"], "content": list(message["content"])})
    return joined


def data_url(url):
    """An image block of a data: URL."""
    if not url.startswith("data:") or ";base64," not in url:
        refuse("Invalid image URL.")
    media, data = url[5:].split(";base64,", 1)
    return {"type": "image", "source": {"type": "base64", "media_type": media, "data": data}}


def aws_key(headers):
    """Who calls: a Bedrock key, or the id of the AWS key that signed."""
    scheme, _, rest = (headers.get("authorization") or "").partition(" ")
    if scheme == "AWS4-HMAC-SHA256" and rest.startswith("Credential="):
        return rest[len("Credential="):].split("/")[0]
    return rest if scheme == "Bearer" else ""
