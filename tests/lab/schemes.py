#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every default kernel runs the small job to its end, and every scheme in use is among them."""
import json
import sys

from lab import (Skip, check, check_idle, check_observed, main, name_of)


def test(lab):
    listed = json.loads(lab.run("list", "kernels", "--json").stdout_text)
    kernels = [one["name"] for one in listed if one["default"] == "default"]
    process, stream = lab.measure("smoke", "--expect", "known")
    if stream.missing:
        raise Skip(f"kernels that cannot be had: {stream.missing}")
    check(process.returncode == 0,
          f"exit status {process.returncode}\n{process.stderr_text}{process.stdout_text}")
    check(sorted(stream.environments) == sorted(kernels),
          f"ran {sorted(stream.environments)} of {kernels}")
    schemes = {one["scheme"] for one in stream.environments.values()}
    check({"devmap-one", "fsdax-one", "zero"} <= schemes, f"only the schemes {sorted(schemes)}")
    for one in stream.environments.values():
        check(one["observer"] == "", f"{one['kernel']}: no observer: {one['observer']}")
    check(not stream.of("incident"), f"incidents: {stream.of('incident')}")

    cells = {}
    for trial in stream.trials:
        outcome = trial["verdict"]["outcome"]
        check(outcome in ("pass", "fail"),
              f"{name_of(trial)}: {outcome}: {trial['verdict']['reason']}")
        cells.setdefault(trial["timeline"]["cell"]["kernel"], []).append(trial["id"])
        check(trial["timeline"]["events"], f"{name_of(trial)}: no event")
        if outcome == "pass":
            check_observed(trial)
        else:
            check(trial["verdict"]["findings"], f"{name_of(trial)}: failed without a finding")
    check(len(set(map(tuple, map(sorted, cells.values())))) == 1 and len(cells) == len(kernels),
          f"kernels ran different cells: {cells}")
    passed = {t["timeline"]["cell"]["kernel"] for t in stream.trials
              if t["verdict"]["outcome"] == "pass"}
    check(passed == set(kernels), f"not one pass on {set(kernels) - passed}")
    check_idle(stream)


sys.exit(main(test))
