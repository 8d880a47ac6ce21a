"""Thinking signatures: issued here, and recognised again only with the very text they sign."""

import base64
import hashlib
import hmac

# A fixed key, so that a conversation survives a restart of the simulator.
_KEY = b"simulated thinking signatures"
_PREFIX = b"\x12\xa4\x01sim"


def sign(thinking):
    """Returns the signature of a thinking text: long, base64 with every letter of the alphabet."""
    digest = hmac.new(_KEY, thinking.encode("utf-8", "surrogatepass"), hashlib.sha512).digest()
    filler = hashlib.shake_256(digest).digest(240)
    return base64.b64encode(_PREFIX + digest + filler).decode()


def is_valid(thinking, signature):
    return hmac.compare_digest(sign(thinking).encode(), signature.encode("utf-8", "replace"))


def seal(thinking):
    """Returns the data of a redacted_thinking block."""
    raw = thinking.encode()
    return base64.b64encode(_PREFIX + hmac.new(_KEY, raw, hashlib.sha256).digest() + raw).decode()


def is_sealed(data):
    try:
        raw = base64.b64decode(data, validate=True)
    except ValueError:
        return False
    size = len(_PREFIX)
    digest, text = raw[size:size + 32], raw[size + 32:]
    return raw[:size] == _PREFIX and hmac.compare_digest(
        digest, hmac.new(_KEY, text, hashlib.sha256).digest())
