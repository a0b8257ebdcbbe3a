#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Kernels that the lab has built are what they say: each names its scheme, counts as that scheme's
file has it, and comes to the end of the small job. Building one takes longer than all other tests;
DAXBREAK_BUILD_KERNELS=1 has those built that are not in the cache."""
import json
import os
import sys

from lab import Skip, check, main, name_of

BUILD_SECONDS = 3600
# Holes of the scheme itself, or of the kernel it was ported to; what else is found is a failure.
OWN = {
    "map-counted": {"stuck", "count-drift"},  # a refault under the waiter (docs/kernels/dax-6.1.md)
    "fsdax-one": {"early-break", "leak", "stray-write", "kernel-warning"},
    "planted": set(),  # without a fault, both holes closed
}


def scheme_of(kernel):
    """The scheme that an entry's kernel must say it has."""
    for word in kernel["append"].split():
        if word.startswith("dax_scheme="):
            return word.removeprefix("dax_scheme=")
    return ""


def test(lab):
    listed = json.loads(lab.run("list", "kernels", "--json").stdout_text)
    own = [one for one in listed if one["name"] in OWN]
    check(len(own) == len(OWN), f"of {sorted(OWN)} only {[one['name'] for one in own]} are there")
    if os.environ.get("DAXBREAK_BUILD_KERNELS"):
        for one in own:
            built = lab.run("lab", "build", one["name"], seconds=BUILD_SECONDS)
            check(built.returncode == 0, f"{one['name']}: {built.stderr_text}")
    else:
        own = [one for one in own if not one["state"].startswith("not ")]
    if not own:
        raise Skip("no kernel of the lab's own is built; DAXBREAK_BUILD_KERNELS=1 builds them")
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
