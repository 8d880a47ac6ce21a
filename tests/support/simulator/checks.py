"""What the real service refuses about the head and the top level of a request.

The wording of the messages follows the service where clients are known to act on it.
"""

import json

import conversation
import models
from refusal import Refusal, invalid

BODY_BYTES_MAX = 32 * 1024 * 1024
VERSIONS = ("2023-01-01", "2023-06-01", "2026-10-21")

_FIELDS = {
    "model", "max_tokens", "messages", "system", "stream", "stop_sequences", "temperature", "top_p",
    "top_k", "thinking", "output_config", "speed", "tools", "tool_choice", "metadata",
    "cache_control", "service_tier", "inference_geo", "container", "diagnostics",
}
# A field of a beta is an extra input for whoever does not name that beta.
_BETA_FIELDS = {
    "context_management": ("context-management-", "compact-"),
    "compaction": ("compact-",),
    "mcp_servers": ("mcp-client-",),
    "fallbacks": ("server-side-fallback-",),
    "fallback_credit_token": ("fallback-credit-",),
    "thread": ("message-threads-",),
    "output_format": ("structured-outputs-",),
    "billing_policy": ("user-profiles-billing-",),
}
_COUNT_FIELDS = {
    "messages", "model", "system", "tools", "tool_choice", "thinking", "cache_control",
    "output_config", "output_format", "context_management", "mcp_servers", "speed", "compaction",
    "billing_policy",
}
_SAMPLING = {"temperature": 1.0, "top_p": None, "top_k": None}

_BETAS = tuple("""
    advanced-tool-use- advisor-tool- cache-diagnosis- claude-code- code-execution- compact-
    computer-use- context-1m- context-management- dev-full-thinking- effort- extended-cache-ttl-
    fallback-credit- fast-mode- files-api- fine-grained-tool-streaming- inline-tools-
    interleaved-thinking- managed-agents- mcp-client- message-batches- message-threads-
    mid-conversation-output-config- mid-conversation-system- mid-conversation-tool-changes-
    model-context-window-exceeded- oauth- output-128k- output-300k- pdfs- per-turn-control-
    prompt-caching- server-side-fallback- skills- structured-outputs- task-budgets-
    thinking-binding-controls- thinking-display-updates- thinking-token-count- token-counting-
    token-efficient-tools- tool-search-tool- user-profiles-
""".split())


def version(headers):
    given = headers.get("anthropic-version")
    if given is None:
        raise invalid("anthropic-version: header is required")
    if given not in VERSIONS:
        raise invalid(f'anthropic-version: "{given}" is not a valid version')
    return given


def betas(headers):
    names = []
    for line in headers.get_all("anthropic-beta") or []:
        names += [name.strip() for name in line.split(",") if name.strip()]
    for name in names:
        if not name.startswith(_BETAS):
            raise invalid(f"Unexpected value(s) `{name}` for the `anthropic-beta` header. Please "
                          "consult our documentation or try again without the header.")
    return names


def decode(raw):
    """Returns the JSON object of a body."""
    if len(raw) > BODY_BYTES_MAX:
        raise Refusal(413, "Request exceeds the maximum size")
    try:
        body = json.loads(raw.decode("utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise invalid(f"The request body is not valid JSON: {error}") from None
    if not isinstance(body, dict):
        raise invalid("Input should be a valid dictionary or object to extract fields from")
    return body


def count_tokens(body, api_version, beta_names):
    _known_fields(body, _COUNT_FIELDS, beta_names)
    model = _model(body)
    conversation.check(body, model, api_version, beta_names)


def messages(body, api_version, beta_names):
    _known_fields(body, _FIELDS, beta_names)
    model = _model(body)
    limit = body.get("max_tokens")
    if "max_tokens" not in body:
        raise invalid("max_tokens: Field required")
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise invalid("max_tokens: Input should be a valid integer greater than or equal to 0")
    if limit > model.max_tokens:
        raise invalid(f"max_tokens: {limit} > {model.max_tokens}, which is the maximum allowed "
                      f"number of output tokens for {model.id}")
    if not isinstance(body.get("stream", False), bool):
        raise invalid("stream: Input should be a valid boolean")
    _sampling(body, model, api_version)
    _thinking(body, model)
    _output_config(body, model)
    conversation.check(body, model, api_version, beta_names)


def _known_fields(body, fields, beta_names):
    for name in body:
        prefixes = _BETA_FIELDS.get(name)
        if prefixes and any(beta.startswith(prefixes) for beta in beta_names):
            continue
        if name not in fields or prefixes:
            raise invalid(f"{name}: Extra inputs are not permitted")


def _model(body):
    name = body.get("model")
    if name is None:
        raise invalid("model: Field required")
    if not isinstance(name, str):
        raise invalid("model: Input should be a valid string")
    model = models.find(name)
    if model is None:
        raise Refusal(404, f"model: {name}")
    return model


def _sampling(body, model, api_version):
    for name, default in _SAMPLING.items():
        if name not in body:
            continue
        if api_version == "2026-10-21":
            raise invalid(f"{name}: Extra inputs are not permitted")
        if not model.sampling and body[name] != default:
            raise invalid(f"`{name}` is not supported by this model")
    if "temperature" in body and body.get("thinking", {}).get("type") == "enabled" \
            and body["temperature"] != 1:
        raise invalid("`temperature` may only be set to 1 when thinking is enabled.")


def _thinking(body, model):
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if kind not in ("adaptive", "enabled", "disabled", "between_tools"):
        raise invalid("thinking: Input tag does not match any of the expected tags: "
                      "'adaptive', 'between_tools', 'disabled', 'enabled'")
    if kind not in model.thinking:
        raise invalid(f'"thinking.type.{kind}" is not supported for this model.')
    if kind == "enabled":
        budget = thinking.get("budget_tokens")
        if not isinstance(budget, int) or budget < 1024:
            raise invalid("thinking.enabled.budget_tokens: Input should be greater than or equal "
                          "to 1024")
        if budget >= body["max_tokens"]:
            raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
    elif "budget_tokens" in thinking:
        raise invalid(f"thinking.{kind}.budget_tokens: Extra inputs are not permitted")


def _output_config(body, model):
    config = body.get("output_config")
    if config is None:
        return
    for name in config:
        if name not in ("effort", "format", "task_budget"):
            raise invalid(f"output_config.{name}: Extra inputs are not permitted")
    effort = config.get("effort")
    if effort is None:
        return
    if not model.efforts:
        raise invalid("This model does not support the effort parameter.")
    if effort not in model.efforts:
        raise invalid(f"This model does not support effort level '{effort}'. Supported levels: "
                      f"{', '.join(sorted(model.efforts))}.")
