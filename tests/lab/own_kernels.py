#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Kernels that the lab has built are what they say: each names its scheme, counts as that scheme's
file has it, and comes to the end of the small job. Building one takes longer than all other tests:
DAXBREAK_BUILD_UNTIL, in seconds since 1970, has those built that are not in the cache, as far as
that can be done by then."""
import json
import os
import signal
import subprocess
import sys
import time

from lab import Skip, check, main, name_of

# Not worth beginning with less: what is not compiled by then is stopped.
LEAST_SECONDS = 900
# Holes of the scheme itself, or of the kernel it was ported to; what else is found is a failure.
OWN = {
    "map-counted": {"stuck", "count-drift"},  # a refault under the waiter (docs/kernels/dax-6.1.md)
    "fsdax-one": {"early-break", "leak", "stray-write", "kernel-warning"},
    "planted": set(),  # without a fault, both holes closed
    "zero-rfc": {"pin-refused", "kernel-warning"},
    "zero-rfc-repaired": {"early-break", "leak", "stray-write", "kernel-warning"},
    "devmap-one": {"early-break", "leak", "stray-write", "kernel-warning"},
}


def scheme_of(kernel):
    """The scheme that an entry's kernel must say it has."""
    for word in kernel["append"].split():
        if word.startswith("dax_scheme="):
            return word.removeprefix("dax_scheme=")
    return ""


def build(lab, name, until):
    """Whether the kernel is there by then."""
    left = until - time.time()
    if left < LEAST_SECONDS:
        return False
    process = lab.start("lab", "build", name)
    try:
        _, said = process.communicate(timeout=left)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)  # it takes its compiler with it
        process.communicate(timeout=60)
        return False
    check(process.returncode == 0, f"{name}: {said}")
    return True


def test(lab):
    listed = json.loads(lab.run("list", "kernels", "--json").stdout_text)
    own = [one for one in listed if one["name"] in OWN]
    check(len(own) == len(OWN), f"of {sorted(OWN)} only {[one['name'] for one in own]} are there")
    until = float(os.environ.get("DAXBREAK_BUILD_UNTIL", 0))
    own = [one for one in own
           if not one["state"].startswith("not ") or build(lab, one["name"], until)]
    if not own:
        raise Skip("no kernel of the lab's own is built; `daxbreak lab build NAME` builds one, and "
                   "so does this test with DAXBREAK_BUILD_UNTIL")
    print("with", ", ".join(one["name"] for one in own))
    for one in own:
        _, stream = lab.measure("smoke", "--kernel", one["name"],
                                events=f"{one['name']}.jsonl")
        environment = stream.environments[one["name"]]
        check(environment["scheme"] == scheme_of(one),
              f"{one['name']} says it has {environment['scheme']}")
        check("as the scheme says" in environment["live_probe"] and
              "NOT" not in environment["live_probe"], f"{one['name']}: {environment['live_probe']}")
        passed = 0
        for trial in stream.trials:
            outcome = trial["verdict"]["outcome"]
            check(outcome != "inconclusive", f"{name_of(trial)}: {trial['verdict']['reason']}")
            kinds = {finding["kind"] for finding in trial["verdict"]["findings"]}
            check(kinds <= OWN[one["name"]], f"{name_of(trial)}: {sorted(kinds)}")
            passed += outcome == "pass"
        check(passed, f"{one['name']}: nothing passed")


sys.exit(main(test))
