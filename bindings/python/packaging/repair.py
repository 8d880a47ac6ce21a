"""Makes a folder of shared libraries independent of the machine's own.

Every library that ours need, and that not every Linux of the same age has, is copied beside them
under a name with its hash, so that no other copy in the process is ever taken for it. What was
bundled is listed in BUNDLED.txt, with the packages' copyright files beside it. Needs patchelf.
"""

import hashlib
import os
import pathlib
import platform
import re
import shutil
import subprocess

# What the platform itself guarantees: the C and C++ runtimes. The tag says how old they may be.
SYSTEM = re.compile(
    r"(lib(c|m|dl|rt|pthread|resolv|util|gcc_s)\.so\.\d+|libstdc\+\+\.so\.6|ld-linux.*\.so\.\d+)$")
NEEDED = re.compile(r"^\s*(\S+) => (\S+) \(0x", re.M)
MISSING = re.compile(r"^\s*(\S+) => not found", re.M)


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed_by(library):
    """{SONAME: path} of everything a library needs, in any depth."""
    listed = output("ldd", str(library))
    missing = MISSING.findall(listed)
    if missing:
        raise SystemExit(f"{library.name} needs {', '.join(missing)}, which this machine lacks")
    return {name: pathlib.Path(os.path.realpath(path)) for name, path in NEEDED.findall(listed)}


def direct_needs(library):
    return output("patchelf", "--print-needed", str(library)).split()


def hashed_name(soname, data):
    stem, _, rest = soname.partition(".so")
    return f"{stem}-{hashlib.sha256(data).hexdigest()[:8]}.so{rest}"


def bundle(folder, say):
    if shutil.which("patchelf") is None:
        raise SystemExit("--repair needs patchelf; scripts/deps --tests installs it")
    ours = sorted(folder.glob("*.so.*"))
    own_names = {path.name for path in ours}
    foreign = {}
    for library in ours:
        for soname, path in needed_by(library).items():
            if not SYSTEM.match(soname) and soname not in own_names:
                foreign[soname] = path
    renamed = {}
    for soname, path in sorted(foreign.items()):
        data = path.read_bytes()
        renamed[soname] = hashed_name(soname, data)
        (folder / renamed[soname]).write_bytes(data)
    for library in ours + [folder / name for name in renamed.values()]:
        library.chmod(0o755)
        change(library, renamed)
    check(folder)
    write_list(folder, foreign, renamed)
    say(f"{len(foreign)} libraries bundled")


def change(library, renamed):
    """One step a call: patchelf 0.14 mixes up the texts of several."""
    replaced = [word for soname in direct_needs(library) if soname in renamed
                for word in ("--replace-needed", soname, renamed[soname])]
    steps = [replaced] if replaced else []
    if library.name in renamed.values():
        steps.append(["--set-soname", library.name])
    # Of the older kind, which holds for what these need in turn, and before LD_LIBRARY_PATH.
    steps.append(["--force-rpath", "--set-rpath", "$ORIGIN"])
    for step in steps:
        output("patchelf", *step, str(library))


def check(folder):
    """Nothing may come from outside but what the platform guarantees."""
    for library in folder.glob("*.so*"):
        for soname, path in needed_by(library).items():
            if not SYSTEM.match(soname) and path.parent != folder.resolve():
                raise SystemExit(f"{library.name} still takes {soname} from {path.parent}")


def package_of(path):
    """(package, version) that a file came from, where dpkg knows."""
    for name in (str(path), str(path).replace("/usr/lib/", "/lib/", 1)):
        found = subprocess.run(["dpkg-query", "-S", name], capture_output=True, text=True,
                               check=False).stdout
        if found:
            package = found.split(":", 1)[0]
            return package, output("dpkg-query", "-W", "-f", "${Version}\n", package).split()[0]
    return "", ""


def write_list(folder, foreign, renamed):
    lines = ["Third-party libraries in this folder: file, original name, package, version.", ""]
    licences = folder / "licenses"
    licences.mkdir()
    for soname, path in sorted(foreign.items()):
        package, version = package_of(path)
        lines.append(f"{renamed[soname]}  {soname}  {package}  {version}".rstrip())
        text = pathlib.Path("/usr/share/doc") / package / "copyright"
        if package and text.is_file():
            shutil.copy(text, licences / f"{package}.txt")
    (folder / "BUNDLED.txt").write_text("\n".join(lines) + "\n")


def platform_tag(folder, machine):
    """manylinux_X_Y of the C library these were built with: older ones lack what they may call."""
    name, built_with = platform.libc_ver()
    if name != "glibc":
        return machine
    wanted = (0, 0)
    for library in folder.glob("*.so*"):
        for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", output("readelf", "-VW", str(library))):
            wanted = max(wanted, (int(major), int(minor)))
    built = tuple(int(part) for part in built_with.split(".")[:2])
    # The C++ library is the system's too, and its age is that of the C library it came with.
    major, minor = max(wanted, built)
    return machine.replace("linux", f"manylinux_{major}_{minor}", 1)
