#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Device-dax: pages of 4 KiB, 2 MiB and 1 GiB are mapped, pinned and counted; a teardown that waits
for a pin passes (5.10), one that does not is found, and what it does to the kernel is kept."""
import sys

from lab import check, kinds_of, main, name_of

JOB = """\
[global]
kernel=5.10,6.12
nvdimms=1
nvdimm_size=3g
filesystem=devdax
[counts]
weight=200
pagesize=4k,2m,1g
pin=vmsplice
breaker=device-remap
[long]
weight=200
pagesize=2m
pin=io-uring-fixed
breaker=device-remap
[teardown]
pagesize=2m
pin=vmsplice
breaker=device-unbind
disturber=munmap
"""


def test(lab):
    _, stream = lab.measure(lab.file("devdax.job", JOB))
    outcomes = {(trial["timeline"]["cell"]["kernel"], trial["id"]): trial
                for trial in stream.trials}
    check(len(outcomes) == 10, f"ran {sorted(outcomes)}")
    for (kernel, cell), trial in outcomes.items():
        outcome = trial["verdict"]["outcome"]
        seen = {event["k"] for event in trial["timeline"]["events"]}
        said = f"{name_of(trial)}: {outcome} {kinds_of(trial)} {trial['verdict']['reason']}"
        if "io-uring-fixed" in cell and kernel == "5.10":
            check(outcome == "skip", said)  # refused to users of io_uring there
        elif "device-unbind" in cell and kernel == "6.12":
            check("early-break" in kinds_of(trial), said)
            check("break_end" in seen, f"{said}: its timeline was lost")
        else:
            check(outcome == "pass", said)
            check("pin_held" in seen, f"{said}: nothing was held")
        if "device-unbind" in cell and kernel == "5.10":
            check("sleep" in seen, f"{said}: nobody saw it wait")


sys.exit(main(test))
