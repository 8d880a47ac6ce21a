"""Runs the real Claude Code in an environment that has nothing of the person's own."""

import json
import os
import signal

from .process import Process, check

# Nothing may leave the loopback: every other address goes to a proxy that is not there.
_NO_PROXY_PORT = 9


def environment(folder, base_url, **more):
    """A clean environment; a value of None removes a variable."""
    home = os.path.join(folder, "home")
    os.makedirs(home, exist_ok=True)
    env = {
        "PATH": os.environ["PATH"], "HOME": home, "CLAUDE_CONFIG_DIR": os.path.join(home, "claude"),
        "TMPDIR": home, "LANG": "C.UTF-8", "TERM": "dumb", "IS_SANDBOX": "1",
        "ANTHROPIC_BASE_URL": base_url,
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_TELEMETRY": "1",
        "DISABLE_ERROR_REPORTING": "1", "DISABLE_AUTOUPDATER": "1", "DISABLE_BUG_COMMAND": "1",
        "HTTPS_PROXY": f"http://127.0.0.1:{_NO_PROXY_PORT}", "NO_PROXY": "127.0.0.1,localhost",
        "CLAUDE_CODE_MAX_RETRIES": "2",
    }
    for name, value in more.items():
        env[name] = value
    return {name: value for name, value in env.items() if value is not None}


class Run:
    """One `claude -p`, started at once; result() waits for it."""

    def __init__(self, binary, folder, prompt, env, *arguments, name="claude"):
        self.work = work_folder(folder)
        command = [binary, "-p", prompt, "--output-format", "json",
                   "--dangerously-skip-permissions", *arguments]
        self.process = Process(command, os.path.join(folder, f"{name}.out"), env=env,
                               cwd=self.work)

    def result(self, seconds=60):
        """Returns the JSON that the client prints at its end, with its exit code added."""
        code = self.process.wait(seconds)
        text = self.process.output()
        # Some versions print one result for each turn that they were woken up for.
        results = [value for value in _objects(text) if value.get("type") == "result"]
        check(results, f"Claude Code printed no result (exit {code}): {text[-400:]}")
        return {**results[-1], "exit_code": code}

    def kill(self):
        self.process.signal(signal.SIGKILL)
        self.process.wait(10)


def _objects(text):
    for line in text.splitlines():
        if line.startswith("{"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def work_folder(folder):
    work = os.path.join(folder, "work")
    os.makedirs(work, exist_ok=True)
    return work
