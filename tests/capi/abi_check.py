#!/usr/bin/env python3
"""What the ABI promises about the built files.

    abi_check.py layout LAYOUT.c HEADER...        every struct field and constant has its line
    abi_check.py exports LIBRARY LIST|HEADER      exactly these functions, versioned, and no more
    abi_check.py purity [--asserts] OBJECT...     the core asks the system for nothing forbidden
"""

import pathlib
import re
import subprocess
import sys

SYMBOLS = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "symbols"
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\n\} \1;", re.S)
FIELD = re.compile(r"\(\*(\w+)\)|(\w+)\s*$")
ENUM = re.compile(r"\benum\b[^{;]*\{(.*?)\}", re.S)

# What the core may not ask of the system, as `nm` prints it: C names and mangled C++ ones.
FORBIDDEN = re.compile(
    # sockets and names
    r"^(socket|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|"
    r"gethostby\w+|poll|ppoll|select|epoll_\w+|pipe2?|eventfd\w*|"
    # files and descriptors
    r"open(at)?(64)?|__open\w*|creat(64)?|fopen(64)?|fdopen|read|__read_chk|write|pread|pwrite|readv|"
    r"writev|close|unlink|rename|mkdir|stat(64)?|fstat(64)?|mmap(64)?|fread|fgets|opendir|"
    # clocks and sleeping
    r"clock_gettime|gettimeofday|time|localtime(_r)?|nanosleep|clock_nanosleep|usleep|sleep|"
    # threads and processes
    r"pthread_create|pthread_join|pthread_detach|fork|vfork|execv\w*|system|popen|posix_spawn\w*|"
    r"signal|sigaction|raise|kill|"
    # printing and dying
    r"printf|__printf_chk|vprintf|puts|putchar|fputs|fputc|putc|fwrite|fprintf|__fprintf_chk|"
    r"vfprintf|perror|std(out|err|in)|syslog|abort|exit|_exit|quick_exit|__assert_fail|"
    # randomness is an input
    r"rand|srand|random|getrandom|arc4random\w*|RAND_\w+|"
    # the same by way of libcrypto
    r"BIO_new_(file|fp|connect|accept|socket)|BIO_s_(file|connect)|ERR_print_errors\w*|"
    # the same by way of libstdc++
    r"_ZNSt6thread\w*|_ZNSt6chrono\w*3now\w*|_ZNSt13random_device\w*|_ZSt4(cout|cerr|clog)|"
    r"_ZNSt8ios_base4InitC\w*|_ZNSt1[34]basic_(fstream|filebuf|ifstream|ofstream)\w*|"
    r"_ZNSt10filesystem\w*|_ZNSt17__async\w*)$")
# The ready-made waker is the one place that holds a descriptor.
WAKER = re.compile(r"^(eventfd\w*|read|write|close)$")


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_layout(layout_file, *headers):
    with open(layout_file, encoding="utf-8") as source:
        layout = re.sub(r"\s+", " ", source.read())
    missing = []
    for header in headers:
        with open(header, encoding="utf-8") as source:
            text = COMMENT.sub("", source.read())
        for name, body in STRUCT.findall(text):
            missing += [f"SIZE({name}"] if f"SIZE({name}," not in layout else []
            for field in filter(None, map(str.strip, body.split(";"))):
                pointer, plain = FIELD.search(field).groups()
                line = f"AT({name}, {pointer or plain},"
                missing += [line] if line not in layout else []
        for body in ENUM.findall(text):
            for value in re.findall(r"\b(TG_\w+)\s*=", body):
                missing += [f"VALUE({value},"] if f"VALUE({value}," not in layout else []
    return [f"{layout_file} has no line {line} …" for line in missing]


def check_exports(library, wanted_file):
    if wanted_file.endswith(".h"):
        wanted = set(run(str(SYMBOLS), wanted_file).split())
    else:
        with open(wanted_file, encoding="utf-8") as source:
            wanted = set(source.read().split())
    found = {}
    node = None
    for line in run("nm", "-D", "--defined-only", library).splitlines():
        kind, symbol = line.split()[-2:]
        name, _, version = symbol.partition("@@")
        if kind == "A":
            node = name
        else:
            found[name] = (kind, version)
    findings = [f"{name} is declared but not exported" for name in sorted(wanted - found.keys())]
    findings += [f"{name} is exported but not declared" for name in sorted(found.keys() - wanted)]
    if node is None or not re.fullmatch(r"TOLLGATE(_CURL|_SQLITE|_REDIS)?_\d+", node):
        findings.append(f"the version node is {node}")
    findings += [f"{name} has the version '{version}'" for name, (_, version) in found.items()
                 if version != node]
    dynamic = run("readelf", "-dW", library)
    soname = re.search(r"SONAME.*\[(\S+)\]", dynamic)
    if soname is None or not re.fullmatch(r"libtollgate\w*\.so\.\d+", soname.group(1)):
        findings.append("the SONAME is not libtollgate….so.N")
    if "NODELETE" not in dynamic:
        findings.append("not linked with -z nodelete")
    if re.search(r"TEXTREL", dynamic):
        findings.append("has text relocations")
    return findings


def check_purity(*arguments):
    asserts = "--asserts" in arguments
    objects = [argument for argument in arguments if argument != "--asserts"]
    findings = []
    asked = 0
    for line in run("nm", "-A", "-u", *objects).splitlines():
        place, symbol = line.rsplit(" U ", 1) if " U " in line else line.rsplit(" w ", 1)
        name = symbol.strip().partition("@")[0]
        asked += 1
        if not FORBIDDEN.match(name):
            continue
        if asserts and name == "__assert_fail":
            continue
        if re.search(r"\bwaker\.cpp\.o", place) and WAKER.match(name):
            continue
        findings.append(f"{place.strip().rstrip(':')} asks for {name}")
    if asked == 0:
        findings.append("nothing was read")
    return findings


CHECKS = {"layout": check_layout, "exports": check_exports, "purity": check_purity}


def main():
    if len(sys.argv) < 3 or sys.argv[1] not in CHECKS:
        raise SystemExit(__doc__)
    findings = CHECKS[sys.argv[1]](*sys.argv[2:])
    print("\n".join(findings) if findings else f"{sys.argv[1]}: nothing to report")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
