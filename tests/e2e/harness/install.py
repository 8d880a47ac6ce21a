"""Puts the pinned clients into a cache folder, once."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PYTHON_SDK = "claude-agent-sdk==0.2.187"
_LOCK = threading.Lock()
_failed = {}  # what could not be installed, so that the next case need not try again
_NPM_FILES = ("package.json", "package-lock.json", ".npmrc")


class Unavailable(Exception):
    """A client cannot be installed here; the text says why."""


def _run(command, **options):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=600, check=False, **options)
    if result.returncode:
        lines = result.stdout.strip().splitlines() or ["no output"]
        told = [line for line in lines if "error" in line.lower()] or lines[-1:]
        raise Unavailable(f"{os.path.basename(command[0])} failed: {'; '.join(told[:2])[:200]}")
    return result.stdout


def _stamp():
    digest = hashlib.sha256(PYTHON_SDK.encode())
    for name in _NPM_FILES:
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


def _once(folder, name, install):
    """Runs install(target) unless a complete earlier one is there. Half ones are never used."""
    target = os.path.join(folder, f"{name}-{_stamp()}")
    with _LOCK:
        if name in _failed:
            raise _failed[name]
        if not os.path.isdir(target):
            try:
                _install(target, install)
            except Unavailable as reason:
                _failed[name] = reason
                raise
    return target


def _install(target, install):
    partial = f"{target}.{os.getpid()}"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    try:
        install(partial)
        os.rename(partial, target)
    except (OSError, subprocess.SubprocessError) as error:
        raise Unavailable(str(error)) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def node_packages(folder):
    """Returns the folder whose node_modules has the pinned packages."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Unavailable(f"{tool} is not installed")
    return _once(folder, "node", _install_node_packages)


def client_program(folder, name):
    """Puts one of clients/ beside the packages that it imports and returns its path. In one step:
    other cases may be starting the same program, and an empty one would end without a word."""
    target = os.path.join(node_packages(folder), name)
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(target), delete=False) as copy:
        with open(os.path.join(HERE, "clients", name), "rb") as program:
            shutil.copyfileobj(program, copy)
    os.replace(copy.name, target)
    return target


def _install_node_packages(target):
    for name in _NPM_FILES:
        shutil.copy(os.path.join(HERE, name), target)
    # The optional packages are native binaries of 240 MB each, for several platforms and twice:
    # only the one that is run is fetched.
    _run(["npm", "ci", "--omit=optional"], cwd=target)
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())
    if machine is None:
        raise Unavailable(f"Claude Code has no binary for {platform.machine()}")
    main = os.path.join(target, "node_modules", "@anthropic-ai", "claude-code")
    native = f"@anthropic-ai/claude-code-linux-{machine}"
    version = _run(["node", "-p", "require('./package.json').version"], cwd=main).strip()
    packed = _run(["npm", "pack", "--silent", f"{native}@{version}"], cwd=target)
    archive = os.path.join(target, packed.strip().splitlines()[-1])
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            member.name = member.name.removeprefix("package/")
            tar.extract(member, os.path.join(target, "node_modules", native))
    os.remove(archive)
    # Install scripts may be switched off: this is the one that puts the binary in its place.
    _run(["node", "install.cjs"], cwd=main)
    _run([claude_binary(target), "--version"], env={"PATH": os.environ["PATH"], "HOME": target})


def claude_binary(packages):
    return os.path.join(packages, "node_modules", "@anthropic-ai", "claude-code", "bin",
                        "claude.exe")


def python_sdk(folder):
    """Returns the python of an environment that has the agent SDK."""
    environment = _once(folder, "python", _install_python_sdk)
    return os.path.join(environment, "bin", "python3")


def _install_python_sdk(target):
    # Symbolic links keep working when the folder gets its final name; scripts are not used.
    _run([sys.executable, "-m", "venv", target])
    # The wheel carries a Claude Code of its own; the source package does not.
    _run([os.path.join(target, "bin", "python3"), "-m", "pip", "install", "--quiet",
          "--disable-pip-version-check", "--no-binary", "claude-agent-sdk", PYTHON_SDK])
