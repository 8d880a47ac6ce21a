"""Builds the wheel: the Python sources, and the shared libraries as CMake built them.

A build backend for pip (PEP 517) that needs nothing beyond the standard library. By itself:

    python3 wheel_backend.py FOLDER [--repair]     leaves a wheel in FOLDER and prints its name

Libraries come from the repository's Release build, which is brought up to date first, or from
TOLLGATE_BUILD_FOLDER, a CMake build folder that is taken as it is. --repair (or TOLLGATE_REPAIR=1)
bundles the third-party libraries too; see repair.py.
"""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent
ROOT = PACKAGE.parents[1]
NAME = "tollgate"
SUMMARY = "An AI gateway inside your own program: policies, budgets and routing for LLM calls"

# Every file of a wheel has this date, so that the same sources give the same bytes.
DATE = (1980, 1, 1, 0, 0, 0)
STORES = ("libtollgate_sqlite", "libtollgate_redis")


def version():
    header = (ROOT / "include/tollgate/abi.h").read_text()
    numbers = [re.search(rf"TG_VERSION_{part} (\d+)", header).group(1)
               for part in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(numbers)


def say(text):
    print(f"tollgate: {text}", file=sys.stderr, flush=True)


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-4000:]}")
    return done.stdout


def build_folder():
    given = os.environ.get("TOLLGATE_BUILD_FOLDER")
    if given:
        return ROOT / given
    say("building the shared libraries; the first time takes some minutes")
    run(ROOT / "scripts" / "build", "release", "tollgate", "tollgate_curl", "tollgate_sqlite",
        "tollgate_redis")
    return ROOT / "build"


def take_libraries(target):
    """Puts the libraries into a folder under their SONAMEs, able to find each other there."""
    folder = build_folder()
    with tempfile.TemporaryDirectory() as scratch:
        for component in ("core", "curl", "sqlite", "redis"):
            run("cmake", "--install", folder, "--component", component, "--prefix", scratch,
                "--strip")
        target.mkdir(parents=True)
        for stem in ("libtollgate", "libtollgate_curl", *STORES):
            found = [path for path in pathlib.Path(scratch).rglob(f"{stem}.so.*")
                     if re.fullmatch(r".*\.so\.\d+", path.name)]
            if not found and stem in STORES:
                continue  # A build without it: the wheel has no such store either.
            if len(found) != 1:
                raise SystemExit(f"{folder} has no {stem}")
            shutil.copy(found[0], target / found[0].name)


def fill(stage):
    """The wheel's tree, less its metadata."""
    shutil.copytree(PACKAGE / "src" / NAME, stage / NAME,
                    ignore=shutil.ignore_patterns("__pycache__", "_lib"))
    take_libraries(stage / NAME / "_lib")


def metadata():
    return "\n".join([
        "Metadata-Version: 2.1", f"Name: {NAME}", f"Version: {version()}", f"Summary: {SUMMARY}",
        "License: Apache-2.0", "Requires-Python: >=3.9", "Classifier: Typing :: Typed",
        "Classifier: Operating System :: POSIX :: Linux",
        "Description-Content-Type: text/markdown", "", (PACKAGE / "README.md").read_text()])


def platform_tag(stage, repaired):
    machine = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if not repaired:
        return machine
    import repair
    return repair.platform_tag(stage / NAME / "_lib", machine)


def write_wheel(stage, folder, repaired):
    tag = f"py3-none-{platform_tag(stage, repaired)}"
    info = stage / f"{NAME}-{version()}.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(metadata())
    (info / "WHEEL").write_text("Wheel-Version: 1.0\nGenerator: tollgate\n"
                                f"Root-Is-Purelib: false\nTag: {tag}\n")
    shutil.copy(ROOT / "LICENSE", info / "LICENSE")
    wheel = f"{NAME}-{version()}-{tag}.whl"
    record = info / "RECORD"
    lines = []
    with zipfile.ZipFile(pathlib.Path(folder) / wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in stage.rglob("*") if p.is_file() and p != record):
            name, data = path.relative_to(stage).as_posix(), path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(data)}")
            add(archive, name, data, 0o755 if ".so" in path.name else 0o644)
        name = record.relative_to(stage).as_posix()
        add(archive, name, "\n".join([*lines, f"{name},,", ""]).encode(), 0o644)
    return wheel


def add(archive, name, data, mode):
    entry = zipfile.ZipInfo(name, DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = mode << 16
    archive.writestr(entry, data)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    repaired = os.environ.get("TOLLGATE_REPAIR") == "1"
    with tempfile.TemporaryDirectory() as scratch:
        stage = pathlib.Path(scratch) / "stage"
        fill(stage)
        if repaired:
            sys.path.insert(0, str(HERE))
            import repair
            repair.bundle(stage / NAME / "_lib", say)
        return write_wheel(stage, wheel_directory, repaired)


def build_sdist(sdist_directory, config_settings=None):
    raise NotImplementedError("the library's own sources are not below this folder: build a wheel "
                              "from the repository, or take its source archive")


def main(arguments):
    if "--repair" in arguments:
        os.environ["TOLLGATE_REPAIR"] = "1"
    folders = [argument for argument in arguments if argument != "--repair"]
    if len(folders) != 1:
        raise SystemExit(__doc__)
    os.makedirs(folders[0], exist_ok=True)
    print(os.path.join(folders[0], build_wheel(folders[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
