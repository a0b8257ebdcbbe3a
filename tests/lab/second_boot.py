#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A machine that ends before its first trial is booted again, and what it was to do is not lost."""
import collections
import json
import os
import pathlib
import signal
import sys
import time

from lab import Skip, check, main


def first_boot(lab):
    """The process of the first machine of the lab's own; None while there is none."""
    for pid in lab.machines():
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"-boot1-" in words:
            return pid
    return None


def test(lab):
    lab.bzimage("6.1")
    process = lab.start("census", "--kernel", "6.1", "--json")
    end = time.monotonic() + 240
    killed = None
    while process.poll() is None and killed is None and time.monotonic() < end:
        killed = first_boot(lab)
        time.sleep(0.1)
    if killed:
        os.kill(killed, signal.SIGKILL)
    out, err = process.communicate(timeout=240)
    if not killed:
        raise Skip(f"no machine was seen: {err}")
    check(process.returncode == 0, f"exit status {process.returncode}\n{err}")
    check("it is booted again" in err, f"nobody was told of the machine that died:\n{err}")
    check("the next boot came to what it was to do" in err, f"how it ended is not told:\n{err}")
    rows = [row for row in json.loads(out) if row["state"]]
    often = collections.Counter((row["subject"], row["state"]) for row in rows)
    check(len(often) >= 28, f"{len(often)} states of pages")
    check(set(often.values()) == {1}, f"measured twice: {often.most_common(3)}")
    check(not lab.machines() and not lab.leftovers(), f"left behind: {lab.leftovers()}")


sys.exit(main(test))
