"""A tollgate server with a generated configuration."""

import http.client
import json
import os
import signal
import ssl
import urllib.error
import urllib.request

from .process import Process, free_port, wait_for

TOKEN = "tg-e2e-developer-token"
ACCOUNT = "anthropic-main"

_SERVER = """\
type: tollgate-server
listen: 127.0.0.1:{port}
records: {records}
drain_seconds: {drain_seconds}
{server}
"""
_ACCOUNT = """\
---
type: provider-account/anthropic
name: {account}
base_url: {upstream}
{auth}
integrations:
{integrations}
"""
_USER = """\
---
type: user
name: dev-1@corp.example
tokens: [{{env: E2E_TOKEN}}]
"""


def integration(name, model_id=None):
    return (f"  - {{name: {json.dumps(name)}, model_id: {json.dumps(model_id or name)}, "
            "type: integration/model/anthropic, model_types: [chat]}")


def configuration(*, port, records, upstream, integrations, keyless=False, more="", server="",
                  drain_seconds=30):
    auth = "" if keyless else 'auth_data: {type: api-key, api_key: "${E2E_UPSTREAM_KEY}"}'
    return (_SERVER.format(port=port, records=json.dumps(records), server=server,
                           drain_seconds=drain_seconds)
            + _ACCOUNT.format(account=ACCOUNT, upstream=upstream, auth=auth,
                              integrations="\n".join(integrations))
            + _USER.format() + more)


class Gateway:
    """Runs `tollgate serve` on a free port of the loopback, with TLS where it has a certificate."""

    def __init__(self, binary, folder, upstream_url, *, key, integrations=None, certificate=None,
                 **options):
        self.folder = folder
        self.port = free_port()
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        self._trust = ssl.create_default_context(cafile=certificate) if certificate else None
        self.token = TOKEN
        self.records_path = os.path.join(folder, "records.jsonl")
        self.config_path = os.path.join(folder, "tollgate.yaml")
        self._upstream_url = upstream_url
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "E2E_TOKEN": TOKEN,
                            "E2E_UPSTREAM_KEY": key}
        self.write_configuration(integrations or [integration("*")], **options)
        self.process = Process([binary, "serve", "--config", self.config_path],
                               os.path.join(folder, "tollgate.log"), env=self.environment,
                               cwd=folder)
        wait_for(self._ready, 10, "the server's start")

    def write_configuration(self, integrations, **options):
        text = configuration(port=self.port, records=self.records_path,
                             upstream=self._upstream_url, integrations=integrations, **options)
        partial = self.config_path + ".new"
        with open(partial, "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(partial, self.config_path)

    def _ready(self):
        if not self.process.running():
            raise RuntimeError("tollgate ended at its start: " + self.process.output()[-600:])
        return self.get("/readyz")[0] == 200

    def get(self, path, headers=None):
        """Returns (status, body text); status 0 when no answer came."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        return fetch(request, trust=self._trust)[::2]

    def post(self, path, body, headers=None):
        """Returns (status, headers, body text)."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json",
                  "anthropic-version": "2023-06-01", **(headers or {})}
        request = urllib.request.Request(self.url + path, data=data, headers=fields)
        return fetch(request, trust=self._trust)

    def reload(self):
        self.process.signal(signal.SIGHUP)

    def records(self):
        if not os.path.exists(self.records_path):
            return []
        with open(self.records_path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]


def fetch(request, seconds=30, trust=None):
    """Returns (status, headers, text); the text may be cut short, status 0 means no answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                         urllib.request.HTTPSHandler(context=trust))
    try:
        with opener.open(request, timeout=seconds) as answer:
            return answer.status, dict(answer.headers), _text(answer)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), _text(error)
    except (OSError, http.client.HTTPException) as error:
        return 0, {}, str(error)


def _text(answer):
    data = b""
    try:
        while part := answer.read1(65536):
            data += part
    except (OSError, http.client.HTTPException):
        pass  # what came before the cut is what the case looks at
    return data.decode("utf-8", "replace")
