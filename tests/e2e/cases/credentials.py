"""Every way a client may name itself, and what of it reaches the upstream."""

from harness.case import case
from harness.gateway import TOKEN
from harness.process import check, contains, equal


def only_upstream(context, result):
    equal((result["is_error"], result["exit_code"]), (False, 0), "the run's end")
    exchanges = context.upstream.exchanges()
    equal(len(exchanges), 1, "requests upstream")
    return exchanges[0]


def check_own_key(context, exchange):
    """The upstream sees the account's key and nothing of the client's credential."""
    equal(exchange.header("x-api-key"), context.key, "the key upstream")
    equal(exchange.header("authorization"), None, "authorization upstream")
    check(TOKEN not in str(exchange.raw_headers), "the gateway's token went upstream")


@case("auth-token")
def auth_token(context):
    check_own_key(context, only_upstream(context, context.claude("say hi").result()))


@case("api-key")
def api_key(context):
    run = context.claude("say hi", ANTHROPIC_AUTH_TOKEN=None, ANTHROPIC_API_KEY=TOKEN)
    check_own_key(context, only_upstream(context, run.result()))


@case("two-credentials")
def two_credentials(context):
    """The client sends both of its variables: the one that is ours decides."""
    run = context.claude("say hi", ANTHROPIC_AUTH_TOKEN="of-another-service",
                         ANTHROPIC_API_KEY=TOKEN)
    check_own_key(context, only_upstream(context, run.result()))


def _subscription(context, header):
    context.gateway(keyless=True)
    mine = "sk-ant-sim.hello.subscription"
    exchange = only_upstream(context, context.claude(
        "say hi", ANTHROPIC_AUTH_TOKEN=mine,
        ANTHROPIC_CUSTOM_HEADERS=f"{header}: {TOKEN}").result())
    equal(exchange.header("authorization"), f"Bearer {mine}", "authorization upstream")
    equal(exchange.header("x-api-key"), None, "x-api-key upstream")
    equal(exchange.header(header), None, "the gateway's own header upstream")
    check(TOKEN not in str(exchange.raw_headers), "the gateway's token went upstream")
    contains(str(context.gateway().records()[-1]), "user:dev-1@corp.example", "the record")


@case("subscription-x-tollgate")
def subscription_x_tollgate(context):
    _subscription(context, "x-tollgate-api-key")


@case("subscription-x-tfy")
def subscription_x_tfy(context):
    _subscription(context, "x-tfy-api-key")


@case("dedicated-header-decides")
def dedicated_header_decides(context):
    """A wrong key in a header of our own is not made good by a right one elsewhere."""
    status, headers, text = context.gateway().post(
        "/v1/messages", {"model": "claude-opus-4-8", "max_tokens": 5, "messages": []},
        {"x-tollgate-api-key": "wrong"})
    equal(status, 401, "the answer")
    contains(text, "authentication_error", "the error")
    equal({n.lower(): v for n, v in headers.items()}.get("x-should-retry"), "false", "retrying")
    equal(context.upstream.exchanges(None), [], "requests upstream")


@case("wrong-key")
def wrong_key(context):
    """One request, and a text that is not replaced by "please log in"."""
    relay = context.relay(context.gateway().url)
    result = context.claude("say hi", url=relay.url, ANTHROPIC_AUTH_TOKEN="wrong").result()
    equal((result["is_error"], result["api_error_status"]), (True, 401), "the run's end")
    contains(result["result"], "API Error: 401", "the text shown")
    asked = [r for r in relay.recorded() if r.method == "POST"]
    equal(len(asked), 1, "requests of the client")
    check(b"x-api-key" not in asked[0].response, "the text makes the client hide it")
    check(b"wrong" not in asked[0].response, "the key stands in the error")
    equal(context.upstream.exchanges(None), [], "requests upstream")
    equal(context.gateway().records()[-1]["status"], 401, "the record")
