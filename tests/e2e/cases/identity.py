"""Callers who bring a token of a real identity provider."""

import threading
import time

from harness.case import DEFAULT_MODEL, case
from harness.gateway import integration
from harness.issuer import (Issuer, signed_with_secret, unsigned, with_claims,
                            with_other_signature)
from harness.process import check, contains, equal

_BODY = {"model": DEFAULT_MODEL, "max_tokens": 20,
         "messages": [{"role": "user", "content": "say hi"}]}
_IDENTITY = """\
---
type: identity-provider
name: corp
issuer: {issuer}
audience: [tollgate]
jwks_uri: {keys}
claims: {{user: email, team: groups, virtual_account: client}}
---
type: team
name: platform
identity_provider_mapping: [{{identity_provider: corp, value: g-platform}}]
---
type: virtual-account
name: ci-bot
tags: {{environment: ci}}
identity_provider_mapping: [{{identity_provider: corp, value: pipeline-7}}]
"""


class _Setup:
    """A gateway that believes one issuer, and what was fetched from that."""

    def __init__(self, context, more=""):
        self.issuer = Issuer(context)
        context.own(self.issuer)
        self._relay = context.relay(self.issuer.url)
        keys = self.issuer.metadata()["jwks_uri"].replace(self.issuer.url, self._relay.url)
        believed = _IDENTITY.format(issuer=self.issuer.url, keys=keys)
        self.gateway = context.gateway(
            integrations=[integration(DEFAULT_MODEL)],
            more=believed + more.replace("UPSTREAM_URL", context.upstream.url))

    def fetched(self):
        """How often the keys were asked for."""
        return len(self._relay.recorded())

    def ask(self, token, header="authorization"):
        """Returns (status, text, lower-cased headers) of a request with that token."""
        value = f"Bearer {token}" if header == "authorization" else token
        headers = {"authorization": "", header: value}
        status, back, text = self.gateway.post("/v1/messages", _BODY, headers)
        return status, text, {name.lower(): value for name, value in back.items()}

    def principal(self, token, **options):
        status, text, _ = self.ask(token, **options)
        equal(status, 200, text[:300])
        return self.gateway.records()[-1]["principal"]


@case("oidc-token-of-the-endpoint", "hello")
def token_of_the_endpoint(context):
    setup = _Setup(context)
    equal(setup.principal(setup.issuer.granted()), "user:dev-1@corp.example", "the caller")
    equal(setup.fetched(), 1, "fetches of the keys")
    upstream = context.upstream.exchanges()[-1]
    equal(upstream.header("authorization"), None, "authorization upstream")
    equal(upstream.header("x-api-key"), context.key, "the key upstream")


@case("oidc-claims-name-the-caller", "hello")
def claims_name_the_caller(context):
    setup = _Setup(context, more=_TEAM_ONLY)
    sign = setup.issuer.token
    rows = [
        ("RS256", {}, "user:dev-1@corp.example"),
        ("ES256", {"kid": "ec-1"}, "user:dev-1@corp.example"),
        ("a list of audiences", {"aud": ["other", "tollgate"]}, "user:dev-1@corp.example"),
        ("nobody the gateway knew", {"email": "new@corp.example"}, "user:new@corp.example"),
        ("a virtual account by its mapping", {"client": "pipeline-7"}, "virtualaccount:ci-bot"),
        ("no kid", {"header": {"kid": None}}, "user:dev-1@corp.example"),
    ]
    for name, options, wanted in rows:
        equal(setup.principal(sign(**options)), wanted, name)
    for header in ("x-api-key", "x-tollgate-api-key", "x-tfy-api-key"):
        equal(setup.principal(sign(), header=header), "user:dev-1@corp.example", header)
    equal(setup.fetched(), 1, "fetches of the keys")
    status, text, _ = _ask_model(setup, sign(), "platform-only/model")
    equal(status, 400, "without the team")
    contains(text, "platform-only/model", "the error")
    equal(_ask_model(setup, sign(groups=["x", "g-platform"]), "platform-only/model")[0], 200,
          "with the team")


_TEAM_ONLY = """\
---
type: provider-account/anthropic
name: platform-only
base_url: UPSTREAM_URL
auth_data: {type: api-key, api_key: "${E2E_UPSTREAM_KEY}"}
collaborators: [{subject: "team:platform", role_id: provider-account-access}]
integrations: [{name: model, model_id: claude-opus-4-8}]
"""


@case("oidc-refused-tokens", "hello")
def refused_tokens(context):
    setup = _Setup(context)
    sign, now = setup.issuer.token, int(time.time())
    good = sign()
    setup.principal(good)
    rows = [
        ("another issuer", sign(iss="https://idp.elsewhere.example"), ""),
        ("the issuer with a slash", sign(iss=setup.issuer.url + "/"), ""),
        ("another audience", sign(aud="billing"), "audience"),
        ("no audience", sign(aud=None), "audience"),
        ("expired", sign(exp=now - 120), "expired"),
        ("without an end", sign(exp=None), "expires"),
        ("not yet valid", sign(nbf=now + 600), "not valid yet"),
        ("no user", sign(email=None), "email"),
        ("another signature", with_other_signature(good), "signature"),
        ("no signature", good.rpartition(".")[0] + ".", "signature"),
        ("other claims", with_claims(good, email="boss@corp.example"), "signature"),
        ("alg none", unsigned(good), "RS256"),
        ("HS256 with the public key",
         signed_with_secret(good, setup.issuer.public_key("rsa-1"), "rsa-1"), "RS256"),
        ("RS256 under the name of the other key", sign(header={"kid": "ec-1"}), "signature"),
    ]
    before = len(context.upstream.exchanges())
    for name, token, reason in rows:
        status, text, headers = setup.ask(token)
        equal((status, headers.get("x-should-retry")), (401, "false"), name)
        contains(text, "authentication_error", name)
        contains(text, reason, name)
    equal(len(context.upstream.exchanges()), before, "requests upstream")
    equal(setup.fetched(), 1, "fetches of the keys")


@case("oidc-keys-change", "hello")
def keys_change(context):
    """A new key is taken at once; keys that nobody has are not looked for again and again."""
    setup = _Setup(context)
    setup.principal(setup.issuer.token())
    setup.issuer.new_key("RS256", "rsa-2")
    setup.issuer.new_key("ES256", "ec-2")
    new = setup.issuer.token("rsa-2")
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(setup.ask(new)[0]))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    equal(answers, [200] * 8, "the answers of a new key")
    equal(setup.fetched(), 2, "fetches of the keys")
    equal(setup.principal(setup.issuer.token("ec-2")), "user:dev-1@corp.example", "the caller")
    equal(setup.principal(setup.issuer.token()), "user:dev-1@corp.example", "the old key's caller")
    for number in range(30):
        status, text, _ = setup.ask(setup.issuer.token(header={"kid": f"nobody-{number}"}))
        equal(status, 401, text)
    check(setup.fetched() <= 3, f"{setup.fetched()} fetches of the keys")


@case("oidc-issuer-away", "hello")
def issuer_away(context):
    setup = _Setup(context)
    known, unknown = setup.issuer.token(), setup.issuer.token(header={"kid": "new"})
    setup.principal(known)
    setup.issuer.process.kill()
    equal(setup.principal(known), "user:dev-1@corp.example", "the caller, by kept keys")
    status, text, headers = setup.ask(unknown)
    equal(status, 503, text)
    contains(text, "identity provider", "the error")
    check(int(headers["retry-after"]) >= 1, "retry-after")
    equal(setup.principal(known), "user:dev-1@corp.example", "the caller after that")


@case("oidc-issuer-never-there", "hello")
def issuer_never_there(context):
    setup = _Setup(context)
    token = setup.issuer.token()
    setup.issuer.process.kill()
    started = time.monotonic()
    status, text, headers = setup.ask(token)
    equal(status, 503, text)
    contains(text, "identity provider does not answer", "the error")
    check(int(headers["retry-after"]) >= 1, "retry-after")
    check(time.monotonic() - started < 10, "it took too long")
    equal(context.upstream.exchanges(), [], "requests upstream")
    equal(setup.gateway.post("/v1/messages", _BODY)[0], 200, "a token of the gateway itself")


@case("oidc-claude-code", "hello")
def claude_code(context):
    setup = _Setup(context)
    result = context.claude("say hi", ANTHROPIC_AUTH_TOKEN=setup.issuer.token("ec-1")).result()
    equal((result["is_error"], result["exit_code"]), (False, 0), "the run's end")
    equal({r["principal"] for r in setup.gateway.records()}, {"user:dev-1@corp.example"},
          "the caller")


@case("oidc-expired-is-shown", "failing")
def expired_is_shown(context):
    """A person whose token has run out reads that, once, and is not kept waiting by retries."""
    setup = _Setup(context)
    token = setup.issuer.token(exp=int(time.time()) - 3600)
    relay = context.relay(setup.gateway.url)
    result = context.claude("say hi", url=relay.url, ANTHROPIC_AUTH_TOKEN=token).result()
    equal((result["is_error"], result["api_error_status"]), (True, 401), "the run's end")
    contains(result["result"], "it has expired", "the text shown")
    equal(len([r for r in relay.recorded() if r.method == "POST"]), 1, "requests")


def _ask_model(setup, token, model):
    status, back, text = setup.gateway.post("/v1/messages", {**_BODY, "model": model},
                                            {"authorization": f"Bearer {token}"})
    return status, text, back
