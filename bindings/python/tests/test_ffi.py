"""The mirrors against the C headers, the symbol list and the frozen layout."""

from __future__ import annotations

import ctypes
import ctypes.util
import re
import subprocess
import sys
import unittest

from support import ROOT
from tollgate import _ffi
from tollgate._ffi import constants, prototypes, structs

LAYOUT = ROOT / "tests" / "capi" / "abi_layout.c"
HEADERS = ROOT / "include" / "tollgate"
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
DECLARATION = re.compile(r"TG_API\s+([^;(]*?)(\w+)\(([^;]*)\);", re.S)

# How a parameter is written in the headers, and what stands for it in the mirror.
TYPES = {
    "tg_bytes": structs.BytesIn,
    "tg_time": structs.Time,
    "tg_status": ctypes.c_int32,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t,
    "void": None,
    "void*": ctypes.c_void_p,
    "const char*": ctypes.c_char_p,
    "char[]": ctypes.POINTER(ctypes.c_char),
    "const tg_bytes*": ctypes.POINTER(structs.BytesIn),
    "uint8_t**": ctypes.POINTER(ctypes.c_void_p),
    "size_t*": ctypes.POINTER(ctypes.c_size_t),
    "uint32_t*": ctypes.POINTER(ctypes.c_uint32),
    "uint64_t*": ctypes.POINTER(ctypes.c_uint64),
}


def written_type(parameter):
    """`const tg_bytes* headers` gives `const tg_bytes*`; an array is marked by []."""
    array = "[" in parameter
    words = re.sub(r"\[.*\]", "", parameter).strip()
    words = re.sub(r"\s*\b\w+$", "", words)
    return re.sub(r"\s*(\*+)\s*", r"\1", words).strip() + ("[]" if array else "")


def mirror_of(written):
    if written in TYPES:
        return TYPES[written]
    name = written.replace("const ", "").rstrip("*")
    depth = written.count("*")
    if name in structs.STRUCTS and depth == 1:
        return ctypes.POINTER(structs.STRUCTS[name])
    # Everything else is an opaque object: its address, or room for one.
    return {1: ctypes.c_void_p, 2: ctypes.POINTER(ctypes.c_void_p)}[depth]


def declared(header):
    text = COMMENT.sub("", header.read_text(encoding="utf-8"))
    for returns, name, parameters in DECLARATION.findall(text):
        listed = [] if parameters.strip() == "void" else parameters.split(",")
        returned = re.sub(r"\s*(\*+)\s*", r"\1", returns).strip()
        result = structs.Bytes if returned == "tg_bytes" else mirror_of(returned)
        yield name, result, tuple(mirror_of(written_type(p.strip())) for p in listed)


@unittest.skipUnless(LAYOUT.exists(), "not in the repository")
class Mirror(unittest.TestCase):
    def test_every_symbol_of_the_core_and_no_other(self):
        listed = (ROOT / "capi" / "tollgate.symbols").read_text(encoding="utf-8").split()
        self.assertEqual(sorted(prototypes.CORE), listed)

    def test_every_symbol_of_the_drivers_and_no_other(self):
        for word in ("curl", "sqlite", "redis"):
            command = [sys.executable, str(ROOT / "scripts" / "symbols"), str(HEADERS / f"{word}.h")]
            listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            with self.subTest(word):
                self.assertEqual(sorted(getattr(prototypes, word.upper())), listed.split())

    def test_prototypes_are_those_of_the_headers(self):
        mirrored = {**prototypes.CORE, **prototypes.CURL, **prototypes.SQLITE,
                    **prototypes.REDIS}
        seen = 0
        for header in sorted(HEADERS.glob("*.h")):
            for name, returns, takes in declared(header):
                if name not in mirrored:
                    continue  # Of another driver; the tests of symbols see what is missing.
                seen += 1
                with self.subTest(name):
                    self.assertEqual(mirrored[name], (returns, takes))
        self.assertEqual(seen, len(mirrored))

    def test_layout_is_the_frozen_one(self):
        text = LAYOUT.read_text(encoding="utf-8")
        sizes = re.findall(r"^SIZE\((\w+), (\d+)\);", text, re.M)
        fields = re.findall(r"^AT\((\w+), (\w+), (\d+)\);", text, re.M)
        self.assertEqual({name for name, _ in sizes}, set(structs.STRUCTS))
        for name, size in sizes:
            with self.subTest(name):
                self.assertEqual(ctypes.sizeof(structs.STRUCTS[name]), int(size))
        for name, field, offset in fields:
            with self.subTest(f"{name}.{field}"):
                self.assertEqual(getattr(structs.STRUCTS[name], field).offset, int(offset))
        mirrored = {(n, f[0]) for n, s in structs.STRUCTS.items() for f in s._fields_}
        self.assertEqual(mirrored, {(name, field) for name, field, _ in fields})

    def test_constants_are_those_of_the_headers(self):
        text = LAYOUT.read_text(encoding="utf-8")
        values = dict(re.findall(r"^VALUE\((\w+), (.+)\);", text, re.M))
        known = {"UINT64_MAX": 2**64 - 1, "INT64_MAX": 2**63 - 1}
        for name, written in values.items():
            with self.subTest(name):
                wanted = known[written] if written in known else eval(written, {})
                self.assertEqual(getattr(constants, name), wanted)
        mirrored = {name for name in vars(constants) if name.startswith("TG_")}
        self.assertEqual(mirrored, set(values))


class Loaded(unittest.TestCase):
    def test_the_library_has_these_structs(self):
        for name, struct in structs.STRUCTS.items():
            size = _ffi.core.tg_struct_size(name.encode())
            if name.startswith("tg_curl"):
                self.assertEqual(size, 0)
            else:
                with self.subTest(name):
                    self.assertEqual(size, ctypes.sizeof(struct))

    def test_calls_release_the_lock(self):
        # PyDLL would hold the interpreter for the length of every call.
        self.assertIs(type(_ffi.core), ctypes.CDLL)
        self.assertIs(type(_ffi.curl()), ctypes.CDLL)

    def test_another_library_is_refused(self):
        code = "import tollgate"
        for path, text in (("/nowhere/libtollgate.so.1", "cannot load"),
                           (ctypes.util.find_library("c"), "has no tg_abi_version")):
            with self.subTest(path):
                env = {"TOLLGATE_LIBRARY": path or "", "PYTHONPATH": ":".join(sys.path)}
                done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True,
                                      text=True, check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn("ImportError", done.stderr)
                self.assertTrue(text in done.stderr, done.stderr)

    def test_an_override_is_taken(self):
        place = _ffi.core._name
        env = {"TOLLGATE_LIBRARY": place, "PYTHONPATH": ":".join(sys.path)}
        code = "from tollgate import _ffi; print(_ffi.core._name); _ffi.curl()"
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True,
                              check=True)
        self.assertEqual(done.stdout.strip(), place)


if __name__ == "__main__":
    unittest.main()
