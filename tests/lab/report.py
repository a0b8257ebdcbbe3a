#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A saved run is reported again in fio's format, and fio's own tool accepts it."""
import json
import shutil
import subprocess
import sys

from lab import check, main


def test(lab):
    _, stream = lab.measure("smoke", "--section", "huge", "--kernel", "6.1")
    again = lab.folder / "again.json"
    process = lab.run("report", "run.jsonl", "--output-format", "json+", "--output", str(again))
    check(process.returncode in (0, 1), f"exit status {process.returncode}: {process.stderr_text}")
    saved = json.loads(again.read_text())
    check(saved["jobs"], "no job in fio's format")
    check("daxbreak" in saved, "the verdicts are not in the report")
    trims = [job for job in saved["jobs"] if job["trim"]["total_ios"] > 0]
    check(len(trims) == 1 and trims[0]["trim"]["clat_ns"]["bins"],
          f"the break is not among {[job['jobname'] for job in saved['jobs']]}")
    taken = next(event["t"] for trial in stream.trials for event in trial["timeline"]["events"]
                 if event["k"] == "break_end") - next(
        event["t"] for trial in stream.trials for event in trial["timeline"]["events"]
        if event["k"] == "break_begin")
    check(trims[0]["trim"]["clat_ns"]["max"] == taken,
          f"clat {trims[0]['trim']['clat_ns']['max']} ns, the break took {taken} ns")
    itself = lab.run("compare", "run.jsonl", "run.jsonl")
    check(itself.returncode == 0 and "NO DIFFERENCE" in itself.stdout_text,
          f"compared with itself: {itself.returncode} {itself.stdout_text}{itself.stderr_text}")
    tool = shutil.which("fio_jsonplus_clat2csv")
    if not tool:
        print("fio_jsonplus_clat2csv is not installed; not tried")
        return
    # --validate reads the tables that a first call has written.
    for words in ([], ["--validate"]):
        made = subprocess.run([tool, *words, str(again), "latency.csv"], cwd=lab.folder,
                              timeout=60, text=True, capture_output=True)
        check(made.returncode == 0, f"fio's tool {words}: {made.stdout}{made.stderr}")
    check(list(lab.folder.glob("latency*.csv")), f"no table was written: {made.stdout}")


sys.exit(main(test))
