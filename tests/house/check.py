#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The order of the house: includes only go down, every file says its licence.

Usage: check.py SOURCE_DIRECTORY. Prints one line for each breach, exits 1 if there is one.
The floors are those of the design document, section 3.
"""
import pathlib
import re
import sys

# Folder -> floor. A file may include its own folder and every folder on a lower floor.
FLOORS = {
    "src/base": 0,
    "src/pmem": 1, "src/kernel": 1, "src/gate": 1,
    "workloads/pin": 2, "workloads/breaker": 2, "workloads/disturber": 2, "workloads/memory": 2, "workloads/storm": 2,
    "src/trial": 3, "src/oracle": 3,
    "src/job": 4, "src/result": 4,
    "src/run": 5, "src/lab": 5, "src/report": 5,
    "src/cli": 6,
}
# Neighbours on one floor that one may use, and why.
NEIGHBOURS = {
    ("src/pmem", "src/kernel"),    # page frames are named in kernel/page.h
    ("src/oracle", "src/trial"),   # judges the trial's timeline
    ("src/lab", "src/run"),        # the guest runs the runner
    ("workloads/disturber", "workloads/breaker"),  # a disturber may act on what is broken
}
CODE = {".cpp", ".h", ".c"}
# Files of other formats, or not ours.
UNSIGNED = {"LICENSE"}
UNSIGNED_SUFFIXES = {".json", ".png", ".svg", ".md", ".txt"}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def folder_of(path):
    """The folder of the table that holds a path, or None."""
    parts = path.parts
    name = "/".join(parts[:2])
    return name if name in FLOORS else None


def target_of(include):
    """The folder an include names, as seen from the include directories src/, workloads/, and the
    top; None for a file beside the including one or a generated one."""
    for prefix in ("", "src/", "workloads/"):
        folder = folder_of(pathlib.PurePath(prefix + include))
        if folder:
            return folder
    return None


def check_includes(top, path):
    own = folder_of(path)
    if own is None:
        return
    for match in INCLUDE.finditer((top / path).read_text()):
        other = target_of(match.group(1))
        if other is None or other == own or (own, other) in NEIGHBOURS:
            continue
        if FLOORS[other] >= FLOORS[own]:
            yield (f"{path}: includes {match.group(1)}, but {own} is on floor {FLOORS[own]} and "
                   f"{other} on floor {FLOORS[other]}")


def check_licence(top, path):
    if path.name in UNSIGNED or path.suffix in UNSIGNED_SUFFIXES:
        return
    # A script's first line is its interpreter.
    head = (top / path).read_text(errors="replace").splitlines()[:2]
    if not any("SPDX-License-Identifier: GPL-2.0" in line for line in head):
        yield f"{path}: no SPDX-License-Identifier line at its top"


ANONYMOUS = re.compile(r"^namespace \{.*?^\}  // namespace$", re.DOTALL | re.MULTILINE)
TYPE = re.compile(r"^(?:struct|class|union|enum class) (\w+)(?: final)?(?: :[^{;]*)? \{", re.MULTILINE)


def check_names(top, path, seen):
    """Two types of one name in one program are one to the linker (C++20, basic.def.odr), and not to
    the compiler: what crashes is neither."""
    if path.parts[0] == "tests" or path.name.endswith(".bpf.c"):
        return  # each a program of its own
    for match in TYPE.finditer(ANONYMOUS.sub("", (top / path).read_text())):
        first = seen.setdefault(match.group(1), path)
        if first != path:
            yield f"{path}: {match.group(1)} is also a type in {first}; one of them needs another name"


def files(top):
    for area in ("src", "workloads", "tests", "configs", "scripts", "cmake"):
        for path in sorted((top / area).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(top)
    for path in sorted(top.glob("CMake*.txt")):
        yield path.relative_to(top)


def main():
    top = pathlib.Path(sys.argv[1])
    breaches = []
    seen = {}
    for path in files(top):
        breaches += check_licence(top, path)
        if path.suffix in CODE:
            breaches += check_includes(top, path)
            breaches += check_names(top, path, seen)
        if path.name == "stub.cpp" and len(list((top / path).parent.glob("*.cpp"))) > 1:
            breaches.append(f"{path}: a placeholder beside real files")
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
