#!/usr/bin/env python3
"""A server in one file: a configuration behind uvicorn.

    python3 serve.py serve --config tollgate.yaml

Address and records come from the configuration's `tollgate-server` document, as for `tollgate serve`.
SIGTERM lets open streams finish; SIGHUP loads the configuration again.
"""

import argparse
import os
import pathlib
import signal
import sys

import uvicorn

import tollgate.asgi


def record_writer(place):
    """What writes records where the configuration wants them, one a line."""
    if not place:
        return None
    if place == "-":
        descriptor = 1
    else:
        descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    # One write a line: lines of several workers do not mix.
    return lambda record: os.write(descriptor, record + b"\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--config", required=True, type=pathlib.Path)
    options = parser.parse_args()
    try:
        text = options.config.read_text(encoding="utf-8")
        with tollgate.Gateway(text, name=str(options.config)) as probe:
            settings = probe.describe()["server"]
        app = tollgate.asgi.App(
            text, name=str(options.config), on_record=record_writer(settings["records"])
        )
    except (OSError, tollgate.TollgateError) as error:
        sys.exit(str(error))

    def reload(*_):
        try:
            app.gateway.reload(options.config.read_text(encoding="utf-8"))
        except (OSError, tollgate.TollgateError) as error:
            print(f"the old configuration stays: {error}", file=sys.stderr)

    signal.signal(signal.SIGHUP, reload)
    host, _, port = settings["listen"].rpartition(":")
    tls = settings.get("tls") or {}
    uvicorn.run(
        app,
        host=host.strip("[]"),
        port=int(port),
        log_level="warning",
        ssl_certfile=tls.get("cert_file") or None,
        ssl_keyfile=tls.get("key_file") or None,
    )


if __name__ == "__main__":
    main()
