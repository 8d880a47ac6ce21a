"""How a team tests its gateway's configuration: plain pytest, no network, no waiting.

    python3 -m pytest examples/python/policy_tests
"""

import pathlib

import pytest

import tollgate
from tollgate.testing import Harness, error, message, silence

CONFIG = pathlib.Path(__file__).with_name("tollgate.yaml").read_text(encoding="utf-8")
ENVIRONMENT = {
    "MAIN_KEY": "sk-main",
    "ADA_TOKEN": "tg_ada",
    "GUEST_TOKEN": "tg_guest",
    "CI_TOKEN": "tg_ci",
}


def ask(model="claude-haiku"):
    return {
        "model": model,
        "max_tokens": 1000,
        "messages": [{"role": "user", "content": "hi"}],
    }


@pytest.fixture
def gateway():
    return Harness(CONFIG, environment=ENVIRONMENT, at="2026-11-22T09:00:00Z")


@pytest.mark.parametrize(
    ("token", "model", "allowed"),
    [
        ("tg_ada", "claude-haiku", True),
        ("tg_ada", "claude-opus", True),
        ("tg_ci", "claude-haiku", True),
        ("tg_ci", "claude-opus", False),
        ("tg_guest", "claude-haiku", False),
        ("tg_unknown", "claude-haiku", False),
    ],
)
def test_who_may_use_what(gateway, token, model, allowed):
    assert gateway.explain(ask(model), token=token).allowed is allowed


def test_the_refusal_helps_the_person_who_reads_it(gateway):
    answer = gateway.send(ask("claude-opus"), token="tg_ci")
    assert answer.status == 400
    assert "Ask your gateway administrator" in answer.text


def test_a_guest_s_token_ends_with_november(gateway):
    assert gateway.explain(ask(), token="tg_guest").denial.status == 400  # Known, but not granted.
    gateway.clock.advance_to("2026-12-01T00:00:00Z")
    assert gateway.explain(ask(), token="tg_guest").denial.status == 401


def test_the_account_s_key_goes_upstream_and_nobody_s_token(gateway):
    upstream = gateway.upstream("api.anthropic.com").replies(message("hello"))
    assert gateway.send(ask(), token="tg_ada").text == "hello"
    assert upstream.calls[0].header("x-api-key") == "sk-main"
    assert "tg_ada" not in str(upstream.calls[0].open.headers)


def test_what_it_costs(gateway):
    gateway.upstream(model="claude-opus-4-6").replies(
        message("done", input_tokens=2000, output_tokens=100)
    )
    answer = gateway.send(ask("claude-opus"), token="tg_ada")
    assert answer.cost_nano_usd == 2000 * 5_000 + 100 * 25_000
    assert answer.record["principal"] == "user:ada@corp.example"


def test_ci_is_known_by_its_tag(gateway):
    gateway.upstream().replies(message())
    assert gateway.send(ask(), token="tg_ci").record["metadata"] == {"environment": "ci"}


def test_a_silent_provider_is_given_up_after_a_minute(gateway):
    gateway.upstream().replies(silence())
    started = gateway.clock.now()
    answer = gateway.send(ask(), token="tg_ada")
    assert answer.status == 504
    assert 60 <= (gateway.clock.now() - started).total_seconds() < 61


def test_an_overloaded_provider_s_answer_passes(gateway):
    gateway.upstream().replies(error(529, "Overloaded"))
    answer = gateway.send(ask(), token="tg_ada")
    assert (answer.status, answer.text) == (529, "Overloaded")


def test_money_alone(gateway):
    """The ledger without a gateway: what a batch job needs."""
    ledger = tollgate.Ledger(clock=gateway.clock)
    ledger.set_limit("job:nightly", 5_000_000_000)
    with ledger.reserve(["job:nightly"], 4_000_000_000) as reservation:
        with pytest.raises(tollgate.LimitError) as raised:
            ledger.reserve(["job:nightly"], 2_000_000_000)
        reservation.settle(1_000_000_000)
    assert raised.value.path == "job:nightly"
    assert ledger.balance("job:nightly").settled == 1_000_000_000
