#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Two runs at once do not get into each other's way."""
import sys

from lab import (RUN_SECONDS, Events, check, check_idle, check_observed, main, need_kernels)


def test(lab):
    files = [lab.folder / "one.jsonl", lab.folder / "two.jsonl"]
    runs = [lab.start("run", "smoke", "--section", "huge", "--kernel", "6.1", "--events", str(file))
            for file in files]
    ends = [run.communicate(timeout=RUN_SECONDS) for run in runs]
    for run, end, file in zip(runs, ends, files):
        stream = Events(file)
        need_kernels(stream)
        check(run.returncode == 0, f"exit status {run.returncode}\n{end[0]}{end[1]}")
        check(len(stream.trials) == 1, f"{len(stream.trials)} trials of 1")
        check_observed(stream.trials[0])
        check_idle(stream)
    check(not lab.machines() and not lab.leftovers(), f"left behind: {lab.leftovers()}")


sys.exit(main(test))
