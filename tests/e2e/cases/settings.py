"""The settings files that `tollgate settings` prints, used by the client they are for."""

import json
import os
import re
import subprocess

from harness import claude
from harness.case import DEFAULT_MODEL, case
from harness.gateway import TOKEN, integration
from harness.process import check, contains, equal

_PLACEHOLDER = re.compile("REPLACE-WITH-[A-Z-]+")


def printed(context, kind, token=TOKEN):
    """The settings of a kind, with the person's token where they say it goes."""
    gateway = context.gateway()
    done = subprocess.run(
        [context.setup.tollgate, "settings", "--kind", kind, "--config", gateway.config_path,
         "--url", gateway.url], env=gateway.environment, capture_output=True, text=True,
        timeout=20, check=False)
    check(done.returncode == 0, f"tollgate settings failed: {done.stderr}")
    check(TOKEN not in done.stdout, "a token stands in the printed settings")
    return json.loads(_PLACEHOLDER.sub(token, done.stdout))


def run_with(context, settings, **more):
    """Runs the client with these as the person's settings, and nothing else but `more`."""
    env = claude.environment(context.folder, None, **{"ANTHROPIC_BASE_URL": None, **more})
    os.makedirs(env["CLAUDE_CONFIG_DIR"], exist_ok=True)
    with open(os.path.join(env["CLAUDE_CONFIG_DIR"], "settings.json"), "w") as file:
        json.dump(settings, file)
    run = context.own(claude.Run(context.claude_binary(), context.folder, "say hi", env))
    result = run.result()
    equal((result["is_error"], result["result"]), (False, "Hello from upstream: ✓ 👋🏽 done."),
          "the run's end")
    exchanges = context.upstream.exchanges()
    equal([e.body["model"] for e in exchanges], [DEFAULT_MODEL], "the models upstream")
    return exchanges[0]


@case("settings-standard")
def settings_standard(context):
    context.gateway(integrations=[integration(DEFAULT_MODEL)])
    settings = printed(context, "standard")
    contains(settings["availableModels"], DEFAULT_MODEL, "availableModels")
    exchange = run_with(context, settings)
    equal(exchange.header("x-api-key"), context.key, "the key upstream")


@case("settings-subscription")
def settings_subscription(context):
    """A login of one's own goes upstream; the gateway's token stands in a header."""
    context.gateway(integrations=[integration(DEFAULT_MODEL)], keyless=True)
    login = "sk-ant-sim.hello.login"
    exchange = run_with(context, printed(context, "subscription"), ANTHROPIC_AUTH_TOKEN=login)
    equal(exchange.header("authorization"), f"Bearer {login}", "authorization upstream")


def _with_helper(context, kind):
    """The helper program that these settings name is the company's own: here a script."""
    context.gateway(integrations=[integration(DEFAULT_MODEL)])
    helper = os.path.join(context.folder, "helper")
    with open(helper, "w", encoding="utf-8") as file:
        file.write(f"#!/bin/sh\necho {TOKEN}\n")
    os.chmod(helper, 0o755)
    settings = printed(context, kind)
    check(settings["apiKeyHelper"].startswith("/"), "apiKeyHelper is no absolute path")
    exchange = run_with(context, {**settings, "apiKeyHelper": helper})
    equal(exchange.header("x-api-key"), context.key, "the key upstream")
    equal(exchange.header("authorization"), None, "authorization upstream")


@case("settings-managed")
def settings_managed(context):
    _with_helper(context, "managed")


@case("settings-server-managed")
def settings_server_managed(context):
    _with_helper(context, "server-managed")


@case("settings-with-a-new-key")
def settings_with_a_new_key(context):
    """A key made by `tollgate keys new` works for whoever the configuration gives its hash to."""
    done = subprocess.run([context.setup.tollgate, "keys", "new"], capture_output=True, text=True,
                          timeout=20, check=True)
    token = re.search(r"^token: +(\S+)$", done.stdout, re.MULTILINE).group(1)
    digest = re.search(r"^sha256: +([0-9a-f]{64})$", done.stdout, re.MULTILINE).group(1)
    context.gateway(integrations=[integration(DEFAULT_MODEL)], more=(
        "---\ntype: virtual-account\nname: ci-bot\ntags: {environment: ci}\n"
        f'tokens: [{{sha256: "{digest}"}}]\n'))
    run_with(context, printed(context, "standard", token))
    record = context.gateway().records()[-1]
    equal(record["principal"], "virtualaccount:ci-bot", "who pays")
    equal(record["metadata"], {"environment": "ci"}, "the metadata")
