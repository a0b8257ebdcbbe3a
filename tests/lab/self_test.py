#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A kernel that dies, falls silent or is wedged, and a trial that hangs, cost one trial each."""
import sys

from lab import check, check_idle, check_observed, kinds_of, main, name_of

ENDINGS = ("panic", "silence", "hang", "wedge")
GLOBAL = """\
[global]
kernel=6.1
nvdimms=1
filesystem=ext4
pagesize=4k
disturber=none
"""


def test(lab):
    # Every section's cells are run once: what stands between the endings must differ.
    between = iter(("truncate", "truncate-cut", "punch-hole"))
    job = GLOBAL
    for at, ending in enumerate(ENDINGS):
        if at < 3:
            job += f"[good{at}]\npin=vmsplice\nbreaker={next(between)}\n"
        job += f"[bad{at}]\npin=self-test-{ending}\nbreaker=truncate\n"
    # The run goes on after the last disaster.
    job += "[after]\nfilesystem=ext4\npin=vmsplice\npagesize=2m\nbreaker=truncate\n"
    _, stream = lab.measure(lab.file("self-test.job", job), status=1)
    check(len(stream.trials) == 8, f"{len(stream.trials)} trials of 8")
    for trial in stream.trials:
        pin = trial["timeline"]["cell"]["pin"]
        if pin.startswith("self-test-"):
            wanted = pin.removeprefix("self-test-")
            check(trial["verdict"]["outcome"] == "fail" and kinds_of(trial) == [wanted],
                  f"{name_of(trial)}: {trial['verdict']['outcome']} {kinds_of(trial)} "
                  f"{trial['verdict']['reason']}")
            finding = trial["verdict"]["findings"][0]
            check(finding["sentence"], f"{name_of(trial)}: no sentence")
            if wanted in ("panic", "wedge"):
                check(finding["evidence"], f"{name_of(trial)}: no evidence")
        else:
            check(trial["verdict"]["outcome"] == "pass",
                  f"{name_of(trial)}: {trial['verdict']['outcome']} {kinds_of(trial)}")
            check_observed(trial)
    ends = sorted(one["what"] for one in stream.of("incident"))
    check(ends == ["panic", "silence", "wedge"], f"incidents {ends}")
    check_idle(stream)
    check(not lab.machines() and not lab.leftovers(), f"left behind: {lab.leftovers()}")


sys.exit(main(test))
