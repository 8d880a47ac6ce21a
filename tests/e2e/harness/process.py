"""Child processes that never outlive their case."""

import os
import signal
import socket
import subprocess
import threading
import time


class Failed(Exception):
    """A case found something wrong."""


class Skipped(Exception):
    """A case cannot run here; the text says why."""


def check(condition, message):
    if not condition:
        raise Failed(message)


def equal(found, wanted, what):
    if found != wanted:
        raise Failed(f"{what}: found {_short(found)}, wanted {_short(wanted)}")


def contains(text, part, what):
    if part not in text:
        raise Failed(f"{what}: {_short(part)} is not in {_short(text)}")


def _short(value):
    text = repr(value)
    return text if len(text) <= 500 else text[:300] + " … " + text[-150:]


def wait_for(condition, seconds, what):
    """Returns the condition's first true value; fails when it does not come in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.02)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A child in its own process group, with its output kept in a file."""

    def __init__(self, command, log_path, *, env=None, cwd=None):
        self.log_path = log_path
        self._log = open(log_path, "ab")
        self._child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._log,
                                       stderr=subprocess.STDOUT, env=env, cwd=cwd,
                                       start_new_session=True)
        self._lock = threading.Lock()

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def signal(self, number):
        self._child.send_signal(number)

    def wait(self, seconds):
        """Returns the exit code; fails when the child still runs after that time."""
        try:
            return self._child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self._child.args[0]} still runs after {seconds} s") from None

    def output(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def kill(self):
        with self._lock:
            try:
                os.killpg(self._child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._child.wait()
            self._log.close()
