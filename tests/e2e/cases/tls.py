"""TLS towards the clients, with a certificate of one's own."""

import os
import shutil
import subprocess

from harness import gateway
from harness.case import case
from harness.process import Skipped, equal


@case("tls")
def tls(context):
    if shutil.which("openssl") is None:
        raise Skipped("openssl is not installed")
    certificate, key = (os.path.join(context.folder, name) for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=e2e",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    server = context.own(gateway.Gateway(
        context.setup.tollgate, context.folder, context.upstream.url, key=context.key,
        certificate=certificate, server=f"tls: {{cert_file: {certificate}, key_file: {key}}}"))
    result = context.claude("say hi", url=server.url, NODE_EXTRA_CA_CERTS=certificate).result()
    equal((result["is_error"], result["result"]), (False, "Hello from upstream: ✓ 👋🏽 done."),
          "the run's end")
