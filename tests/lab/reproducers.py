#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reproducers stand alone: compiled with nothing but a C compiler they show on a kernel what is
known of it, and nothing on a kernel that is free of it."""
import shutil
import subprocess
import sys

from lab import Skip, check, main

# Cell, what is said, a kernel that shows it, a kernel that does not.
KNOWN = [
    ("ext4/4k/odirect-read@null-blk/truncate/none", "LOST WAKEUP", "6.1", "6.12"),
    ("ext4/4k/vmsplice/truncate/munmap", "EARLY", "6.12", "sid"),
    ("ext4/4k/vmsplice/truncate/refault", "STUCK", "sid", "6.12"),
    ("ext4/4k/vmsplice/punch-hole/none", "NOT FLUSHED", "sid", "6.12"),
]
# Each program in turn, what it says between lines that tell whose it is.
SCRIPT = 'for p in "$@"; do echo "== $p"; $p .; echo "== status $?"; done'


def compile_all(lab):
    """Program file of each cell."""
    compiler = shutil.which("cc")
    if not compiler:
        raise Skip("no C compiler")
    programs = {}
    for number, (cell, *_) in enumerate(KNOWN):
        source, program = lab.folder / f"repro{number}.c", lab.folder / f"repro{number}"
        made = lab.run("reproducer", cell, "-o", str(source))
        check(made.returncode == 0, f"{cell}: {made.stderr_text}")
        built = subprocess.run([compiler, "-O1", "-Wall", "-static", "-pthread", "-o", program,
                                source], capture_output=True, text=True)
        check(built.returncode == 0, f"{cell}: {built.stderr}")
        check(not built.stderr, f"{cell}: the compiler warns:\n{built.stderr}")
        programs[cell] = program
    return programs


def run_on(lab, kernel, programs):
    """What each program said, and its status."""
    words = [word for program in programs for word in ("--put", str(program))]
    names = [program.name for program in programs]
    process = lab.run("lab", "exec", kernel, "--quiet", *words, "--", "sh", "-c", SCRIPT, "sh",
                      *names)
    if process.returncode == 3:
        raise Skip(f"{kernel}: {process.stderr_text}")
    check(process.returncode == 0, f"{kernel}: exit status {process.returncode}\n"
          f"{process.stdout_text}{process.stderr_text}")
    said = {}
    for part in process.stdout_text.split("== repro")[1:]:
        number, text = part.split("\n", 1)
        text, status = text.split("== status ")
        said["repro" + number] = (text, int(status.split()[0]))
    check(sorted(said) == sorted(names), f"{kernel}: ran {sorted(said)} of {names}")
    return said


def test(lab):
    programs = compile_all(lab)
    for kernel in dict.fromkeys(name for *_, shows, free in KNOWN for name in (shows, free)):
        mine = [programs[cell] for cell, _, shows, free in KNOWN if kernel in (shows, free)]
        said = run_on(lab, kernel, mine)
        for cell, word, shows, free in KNOWN:
            if kernel not in (shows, free):
                continue
            text, status = said[programs[cell].name]
            wanted = 1 if kernel == shows else 0
            check(status == wanted, f"{kernel} {cell}: status {status}, not {wanted}\n{text}")
            check((word in text) == bool(wanted), f"{kernel} {cell}: \"{word}\" in\n{text}")


sys.exit(main(test))
