"""A real identity provider, and what is made of its tokens by those who would like to be let in."""

import base64
import hashlib
import hmac
import json
import os
import re
import urllib.parse
import urllib.request

from .process import Process, equal, wait_for


def encoded(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Issuer:
    """The npm package oauth2-mock-server; keys are named rsa-1 and ec-1."""

    def __init__(self, context):
        self.process = Process(["node", context.client("issuer.mjs")],
                               os.path.join(context.folder, "issuer.log"),
                               env={"PATH": os.environ["PATH"], "HOME": context.folder})
        found = wait_for(lambda: re.search(r"issuer (\S+) control (\S+)", self.process.output()),
                         20, "the identity provider's start")
        self.url, self._control = found.groups()

    def _ask(self, what, **value):
        request = urllib.request.Request(f"{self._control}/{what}", json.dumps(value).encode())
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def metadata(self):
        url = f"{self.url}/.well-known/openid-configuration"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.loads(answer.read())

    def granted(self):
        """A token of the server's own token endpoint, as a program gets one."""
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "x"})
        with urllib.request.urlopen(self.metadata()["token_endpoint"], body.encode(),
                                    timeout=20) as answer:
            return json.loads(answer.read())["access_token"]

    def token(self, kid="rsa-1", header=None, **claims):
        """Signed with that key; a claim or a field of None is left out."""
        claims = {"aud": "tollgate", "email": "dev-1@corp.example", **claims}
        return self._ask("sign", kid=kid, header=header or {}, claims=claims)

    def new_key(self, algorithm, kid):
        equal(self._ask("key", alg=algorithm, kid=kid), kid, "the new key")

    def public_key(self, kid):
        """As PEM."""
        return self._ask("public", kid=kid)


def unsigned(token):
    _, payload, _ = token.split(".")
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}."


def signed_with_secret(token, secret, kid):
    """The oldest trick: the public key as the secret of a symmetric algorithm."""
    payload = token.split(".")[1]
    text = f"{encoded({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{payload}"
    return f"{text}.{encoded(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def with_claims(token, **claims):
    """Other claims under the old signature."""
    header, payload, signature = token.split(".")
    old = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return f"{header}.{encoded({**old, **claims})}.{signature}"


def with_other_signature(token):
    text, _, signature = token.rpartition(".")
    return f"{text}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
