"""The models the simulated service knows, with what each accepts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    id: str
    display_name: str
    line: str
    thinking: frozenset  # accepted values of thinking.type
    efforts: frozenset  # accepted values of output_config.effort, empty: the field is refused
    system_role: bool  # role "system" inside messages
    sampling: bool  # temperature, top_p and top_k other than the default
    prefill: bool  # a conversation may end with an assistant message
    max_tokens: int
    created_at: str


def _model(id, display_name, thinking, efforts="", *, newest=False, old=False, max_tokens=64000,
           created_at="2025-01-01T00:00:00Z"):
    return Model(id=id, display_name=display_name, line=id.split("-")[1],
                 thinking=frozenset(thinking.split()), efforts=frozenset(efforts.split()),
                 system_role=newest, sampling=not newest, prefill=old, max_tokens=max_tokens,
                 created_at=created_at)


_ALL_EFFORTS = "low medium high xhigh max"

MODELS = {model.id: model for model in [
    _model("claude-fable-5-2", "Claude Fable 5.2", "adaptive", _ALL_EFFORTS, newest=True,
           max_tokens=128000, created_at="2026-11-10T00:00:00Z"),
    _model("claude-opus-5-5", "Claude Opus 5.5", "adaptive", _ALL_EFFORTS, newest=True,
           max_tokens=128000, created_at="2026-11-01T00:00:00Z"),
    _model("claude-sonnet-5-5", "Claude Sonnet 5.5", "adaptive between_tools", _ALL_EFFORTS,
           newest=True, max_tokens=128000, created_at="2026-10-20T00:00:00Z"),
    _model("claude-haiku-5-5", "Claude Haiku 5.5", "adaptive", _ALL_EFFORTS, newest=True,
           created_at="2026-10-10T00:00:00Z"),
    _model("claude-opus-5", "Claude Opus 5", "adaptive disabled", _ALL_EFFORTS, newest=True,
           max_tokens=128000, created_at="2026-07-01T00:00:00Z"),
    _model("claude-fable-5", "Claude Fable 5", "adaptive", _ALL_EFFORTS, newest=True,
           max_tokens=128000, created_at="2026-05-20T00:00:00Z"),
    _model("claude-sonnet-5", "Claude Sonnet 5", "adaptive disabled", _ALL_EFFORTS, newest=True,
           max_tokens=128000, created_at="2026-04-10T00:00:00Z"),
    _model("claude-opus-4-8", "Claude Opus 4.8", "adaptive disabled", _ALL_EFFORTS, newest=True,
           max_tokens=128000, created_at="2026-03-01T00:00:00Z"),
    _model("claude-opus-4-6", "Claude Opus 4.6", "adaptive enabled disabled", "low medium high max",
           max_tokens=128000, created_at="2026-01-15T00:00:00Z"),
    _model("claude-sonnet-4-6", "Claude Sonnet 4.6", "adaptive enabled disabled",
           "low medium high max", created_at="2026-02-01T00:00:00Z"),
    _model("claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", "enabled disabled", old=True,
           created_at="2025-09-29T00:00:00Z"),
    _model("claude-haiku-4-5-20251001", "Claude Haiku 4.5", "enabled disabled", old=True,
           created_at="2025-10-01T00:00:00Z"),
    _model("claude-sonnet-4-20250514", "Claude Sonnet 4", "enabled disabled", old=True,
           created_at="2025-05-14T00:00:00Z"),
]}

_ALIASES = {
    "claude-haiku-4-5": "claude-haiku-4-5-20251001",
    "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-0": "claude-sonnet-4-20250514",
}


def find(name):
    """Returns the model of an id or alias, or None."""
    return MODELS.get(_ALIASES.get(name, name))


def _supported(flag):
    return {"supported": bool(flag)}


def info(model):
    """One entry of the model catalogue."""
    return {
        "type": "model", "id": model.id, "display_name": model.display_name,
        "created_at": model.created_at, "lifecycle": "active", "deprecated_at": None,
        "retires_at": None, "line": model.line, "max_input_tokens": 200000,
        "max_tokens": model.max_tokens,
        "capabilities": {
            "batch": _supported(True), "citations": _supported(True),
            "code_execution": _supported(True), "image_input": _supported(True),
            "pdf_input": _supported(True), "structured_outputs": _supported(True),
            "context_management": {"supported": True,
                                   "clear_thinking_20251015": _supported(True),
                                   "clear_tool_uses_20250919": _supported(True),
                                   "compact_20260112": _supported(model.system_role)},
            "effort": {"supported": bool(model.efforts)} | {
                level: _supported(level in model.efforts) for level in _ALL_EFFORTS.split()},
            "server_tools": {"supported": True, "web_search": _supported(True),
                             "code_execution": _supported(True)},
            "thinking": {"supported": True, "types": {
                kind: _supported(kind in model.thinking)
                for kind in ("adaptive", "between_tools", "disabled", "enabled")}},
        },
    }


def catalogue():
    """All entries, newest first."""
    return [info(model)
            for model in sorted(MODELS.values(), key=lambda m: m.created_at, reverse=True)]
