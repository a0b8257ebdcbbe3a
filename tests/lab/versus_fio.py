#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fio and daxbreak do the same work in one guest, and the ratios are of what was measured."""
import json
import shutil
import sys

from lab import Events, Skip, check, main

PAIRS = ["odirect-read", "io-uring-write-16", "pmem-store", "devdax-load", "falloc-punch"]


def test(lab):
    if not shutil.which("fio"):
        raise Skip("fio is not installed")
    words = ["versus-fio", "--kernel", "6.12", "--repeat", "2", "--runtime", "500ms", "--ramp-time",
             "100ms", "--size", "8m", "--output-format", "json", "--output", "versus.json",
             "--events", "versus.jsonl"]
    for pair in PAIRS:
        words += ["--pair", pair]
    process = lab.run(*words, seconds=560)
    stream = Events(lab.folder / "versus.jsonl")
    if stream.missing:
        raise Skip(f"the kernel cannot be had: {process.stderr_text}")
    check(process.returncode in (0, 1), f"exit status {process.returncode}: {process.stderr_text}")
    report = json.loads((lab.folder / "versus.json").read_text())
    rows = {row["pair"]: row for row in report["pairs"]}
    check(list(rows) == PAIRS, f"pairs {list(rows)}")
    measures = stream.of("measure")
    for name, row in rows.items():
        check("skipped" not in row, f"{name}: {row.get('skipped')}")
        check(row["repetitions"] == 2, f"{name}: {row['repetitions']} repetitions")
        of_pair = [one for one in measures if one["job"] == name]
        engines = [one["engine"] for one in of_pair]
        check(len(engines) == 4 and engines[0] == engines[2] and engines[0].startswith("fio-") and
              engines[1] == engines[3] == "daxbreak", f"{name}: not in turn: {engines}")
        iops = [one["numbers"]["iops"] for one in of_pair]
        check(min(iops) > 0, f"{name}: {iops}")
        ratios = sorted([iops[1] / iops[0], iops[3] / iops[2]])
        check(abs(row["iops"]["ratio"]["min"] - ratios[0]) < 1e-6 * ratios[0] and
              abs(row["iops"]["ratio"]["max"] - ratios[1]) < 1e-6 * ratios[1],
              f"{name}: {row['iops']['ratio']}, and the measurements say {ratios}")
        for one in of_pair:
            check(sum(number for _, number in one["series"][0]["latency"]["bins"]) > 0,
                  f"{name}: {one['engine']} has no latencies")
            settings = one["settings"]
            check(settings["bs" if one["engine"] == "daxbreak" else "--bs"] == "4096",
                  f"{name}: {one['engine']} with {settings}")
            check("daxbreak-run-" not in str(settings), f"{name}: names this run: {settings}")
        check(row["settings"] == of_pair[1]["settings"] and
              row["fio options"] == of_pair[0]["settings"], f"{name}: {row}")
    environment = stream.environments["6.12"]
    check(environment["accelerator"] in ("tcg", "kvm"), f"{environment}")
    slower = any(row["pace"] == "slower" for row in rows.values())
    check(process.returncode == (1 if slower else 0), f"exit status {process.returncode}")
    # A request that makes no sense boots nothing.
    wrong = lab.run("versus-fio", "--kernel", "6.12", "--bs", "100", seconds=30)
    check(wrong.returncode == 2 and "--bs=100" in wrong.stderr_text, wrong.stderr_text)
    check(not lab.leftovers(), f"left behind: {lab.leftovers()}")


sys.exit(main(test))
