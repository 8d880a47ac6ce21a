"""The headers of the settings files that teams paste."""

import json

from harness.case import DEFAULT_MODEL, case
from harness.process import check, contains, equal

_LOGGING = """\
---
type: gateway-global-settings
name: settings
logging_settings: {type: %s, log_body_by_default: false}
metrics: {metadata_keys: [environment]}
"""


def _names(exchange):
    return [name.strip() for name in exchange.header("anthropic-beta").split(",")]


@case("beta-header-merged")
def beta_header_merged(context):
    """x-tfy-anthropic-beta adds to the client's own list, and repeats nothing."""
    context.gateway()
    plain = context.claude("say hi", CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS="1", name="plain")
    equal(plain.result()["is_error"], False, "the plain run's end")
    result = context.claude("say hi", CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS="1",
                            ANTHROPIC_CUSTOM_HEADERS="x-tfy-anthropic-beta: context-management-"
                            "2025-06-27, interleaved-thinking-2025-05-14").result()
    equal(result["is_error"], False, "the run's end")
    before, after = (_names(e) for e in context.upstream.exchanges())
    added = "context-management-2025-06-27"
    check(added not in before, "the client sends this beta by itself: the case proves nothing")
    equal(after, before + [added], "the betas upstream")
    own = [n for n, _ in context.upstream.exchanges()[1].raw_headers
           if n.lower().startswith(("x-tfy-", "x-tollgate-"))]
    equal(own, [], "headers of the gateway's that went upstream")


@case("unknown-headers-pass")
def unknown_headers_pass(context):
    """Headers of the API that nobody knows yet reach the upstream as they are."""
    result = context.claude("say hi", ANTHROPIC_CUSTOM_HEADERS="anthropic-future-thing: a, b:c")
    equal(result.result()["is_error"], False, "the run's end")
    exchange = context.upstream.exchanges()[0]
    equal(exchange.header("anthropic-future-thing"), "a, b:c", "the header upstream")
    equal(exchange.header("anthropic-version"), "2023-06-01", "the version upstream")
    equal(exchange.header("accept-encoding"), "identity", "accept-encoding upstream")


@case("logging-header-keeps-bodies")
def logging_header_keeps_bodies(context):
    gateway = context.gateway(more=_LOGGING % "header_controlled")
    context.claude("say nothing", name="without").result()
    context.claude("say the word xylophone", ANTHROPIC_CUSTOM_HEADERS=
                   'X-TFY-LOGGING-CONFIG: {"enabled": true}').result()
    without, kept = gateway.records()[-2:]
    check("request_body" not in without, "a body was kept that nobody asked for")
    contains(kept["request_body"], "say the word xylophone", "the kept request")
    contains(kept["response_body"], "message_start", "the kept answer")


@case("logging-header-not-allowed")
def logging_header_not_allowed(context):
    gateway = context.gateway(more=(_LOGGING % "never").replace(
        ", log_body_by_default: false", ""))
    context.claude("say hi", ANTHROPIC_CUSTOM_HEADERS=
                   'X-TFY-LOGGING-CONFIG: {"enabled": true}').result()
    check("request_body" not in gateway.records()[-1], "a body was kept against the settings")


@case("metadata-header")
def metadata_header(context):
    gateway = context.gateway(more=_LOGGING % "header_controlled")
    value = json.dumps({"environment": "e2e-staging", "ticket": "T-1"})
    result = context.claude("say hi", ANTHROPIC_CUSTOM_HEADERS=f"X-TFY-METADATA: {value}").result()
    equal(result["is_error"], False, "the run's end")
    record = gateway.records()[-1]
    equal(record["metadata"], {"environment": "e2e-staging", "ticket": "T-1"}, "the record")
    equal((record["model"], record["target"], record["principal"], record["outcome"]),
          (DEFAULT_MODEL, f"anthropic-main/{DEFAULT_MODEL}", "user:dev-1@corp.example", "ok"),
          "the record")
    check(record["usage"]["input_tokens"] > 0 and record["usage"]["output_tokens"] > 0,
          "the record has no tokens")
    status, text = gateway.get("/metrics")
    equal(status, 200, "the metrics")
    contains(text, "e2e-staging", "the metrics")
    check("T-1" not in text, "a label that nobody chose is in the metrics")
