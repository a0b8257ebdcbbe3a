#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""fio's own tools, and the rules that fio tests itself by, on JSON and logs of ours. The run is made
by hand: no kernel is needed."""
import gzip
import json
import math
import pathlib
import shutil
import subprocess
import sys

import hand_made
from lab import check, main

DIRECTIONS = ("read", "write", "trim")
DOCUMENTS = pathlib.Path("/usr/share/doc/fio")  # where Debian keeps the tools that need no path


def similar(approximate, exact):
    """A bucket's middle stands for a value of the bucket: off by 1/128 at most."""
    return approximate == exact or abs(approximate - exact) * 128 <= exact


def check_latency(latency, logged, plus, where):
    """What t/latency_percentiles.py of fio 3.33 asks of a latency object and the log of the same
    operations: as many samples as log lines; every percentile is the logged value of its rank;
    with json+, that the buckets hold all samples and reach from the least to the greatest."""
    check(latency["N"] == len(logged), f"{where}: N is {latency['N']}, {len(logged)} are logged")
    check(("bins" in latency) == (plus and bool(logged)), f"{where}: bins present: "
                                                         f"{'bins' in latency}")
    if not logged:
        check("percentile" not in latency, f"{where}: percentiles of nothing")
        return
    logged = sorted(logged)
    check(latency["min"] == logged[0] and latency["max"] == logged[-1],
          f"{where}: from {latency['min']} to {latency['max']}, logged {logged[0]} to "
          f"{logged[-1]}")
    for key, value in latency["percentile"].items():
        exact = logged[max(math.ceil(float(key) / 100 * len(logged)), 1) - 1]
        check(similar(value, exact), f"{where}: {key}th percentile {value}, logged {exact}")
    if not plus:
        return
    bins = {int(middle): count for middle, count in latency["bins"].items()}
    check(sum(bins.values()) == latency["N"], f"{where}: {sum(bins.values())} in the buckets")
    check(similar(latency["min"], min(bins)) and similar(latency["max"], max(bins)),
          f"{where}: buckets from {min(bins)} to {max(bins)}")


def rows(path):
    return [[int(word) for word in line.split(", ")] for line in path.read_text().splitlines()]


def check_json(lab, run, plus):
    name = "plus" if plus else "plain"
    out = lab.folder / f"{name}.json"
    made = lab.run("report", run, "--output-format", "json+" if plus else "json", "--output",
                   str(out), f"--write_lat_log={lab.folder}/{name}")
    check(made.returncode == 0, f"report: {made.returncode} {made.stderr_text}")
    jobs = json.loads(out.read_text())["jobs"]
    check(jobs, "no job")
    for number, job in enumerate(jobs, 1):
        where = job["jobname"]
        check(not (lab.folder / f"{name}_slat.{number}.log").read_text(), f"{where}: slat logged")
        for at, direction in enumerate(DIRECTIONS):
            figures = job[direction]
            check("prios" not in figures, f"{where}: priorities")
            check("percentile" not in figures["slat_ns"], f"{where}: percentiles of slat")
            for kind in ("clat", "lat"):
                log = rows(lab.folder / f"{name}_{kind}.{number}.log")
                check(all(len(row) == 5 for row in log), f"{where}: fio writes five columns")
                logged = [row[1] for row in log if row[2] == at]
                check(figures["total_ios"] == len(logged),
                      f"{where} {direction}: total_ios {figures['total_ios']}, logged "
                      f"{len(logged)}")
                check_latency(figures[kind + "_ns"], logged, plus, f"{where} {direction} {kind}")
    check(not (lab.folder / f"{name}_clat.{len(jobs) + 1}.log").exists(), "a log of no job")
    return out, jobs


def tool(words, folder):
    return subprocess.run(words, cwd=folder, timeout=120, text=True, capture_output=True)


def clat2csv(lab, plus, jobs):
    program = shutil.which("fio_jsonplus_clat2csv")
    if not program:
        print("fio_jsonplus_clat2csv is not installed; not tried")
        return
    # --validate reads the tables that the first call has written.
    for words in ([], ["--validate"]):
        made = tool([program, *words, str(plus), "table.csv"], lab.folder)
        check(made.returncode == 0, f"fio_jsonplus_clat2csv {words}: {made.stdout}{made.stderr}")
    check(made.stdout.count(" validated") == len(jobs), f"not all validated: {made.stdout}")


def fio2gnuplot(lab, run):
    program = shutil.which("fio2gnuplot")
    if not program:
        print("fio2gnuplot is not installed; not tried")
        return
    for average in ("0", "1000"):
        folder = lab.folder / f"plots{average}"
        folder.mkdir()
        made = lab.run("report", run, "--output", str(folder / "text"),
                       f"--write_bw_log={folder}/run", f"--write_iops_log={folder}/run",
                       f"--log_avg_msec={average}")
        check(made.returncode == 0, f"report: {made.returncode} {made.stderr_text}")
        for switch, kind in (("-b", "bw"), ("-i", "iops")):
            made = tool([program, switch, "-k", "-o", kind], folder)
            check(made.returncode == 0, f"fio2gnuplot {switch}: {made.stdout}{made.stderr}")
            said = dict(line.split("=") for line in
                        (folder / f"{kind}.global").read_text().split())
            # It leaves out what came in the first second at hand: time > 0.
            values = [row[1] for log in folder.glob(f"run_{kind}.*.log") for row in rows(log)
                      if row[0] > 0]
            check(int(said["values_count"]) == len(values),
                  f"{kind}: it saw {said['values_count']} values of {len(values)}")
            check(math.isclose(float(said["avg"]), sum(values) / len(values), abs_tol=0.01),
                  f"{kind}: average {said['avg']}, logged {sum(values) / len(values):.2f}")
        if not shutil.which("gnuplot"):
            print("gnuplot is not installed; nothing was plotted")
            continue
        made = tool([program, "-b", "-g"], folder)
        check(made.returncode == 0 and list(folder.glob("*.png")),
              f"fio2gnuplot -g: {made.stdout}{made.stderr}")


def generate_plots(lab, run):
    program = shutil.which("fio_generate_plots")
    if not program or not shutil.which("gnuplot"):
        print("fio_generate_plots or gnuplot is not installed; not tried")
        return
    folder = lab.folder / "all-plots"
    folder.mkdir()
    logs = [f"--write_{kind}_log={folder}/run" for kind in ("lat", "bw", "iops")]
    made = lab.run("report", run, "--output", str(folder / "text"), *logs)
    check(made.returncode == 0, f"report: {made.returncode} {made.stderr_text}")
    # Its patterns take every log, and it plots nothing of one that is empty, as slat logs are.
    made = tool([program, "ours"], folder)
    for kind in ("lat", "clat", "bw", "iops"):
        plot = folder / f"ours-{kind}.svg"
        check(plot.exists() and "<path" in plot.read_text(),
              f"no plot of {kind}: {made.stdout}{made.stderr}")


def histogram_percentiles(lab, run, jobs):
    """Debian has the tool as documentation, compressed. It knows reads and writes only."""
    source = DOCUMENTS / "fio-histo-log-pctiles.py.gz"
    if not source.exists():
        print("fio-histo-log-pctiles.py is not installed; not tried")
        return
    program = lab.folder / "pctiles.py"
    program.write_bytes(gzip.decompress(source.read_bytes()))
    made = lab.run("report", run, "--output", str(lab.folder / "text"),
                   f"--write_hist_log={lab.folder}/hist", "--log_hist_msec=3600000")
    check(made.returncode == 0, f"report: {made.returncode} {made.stderr_text}")
    tried = 0
    for number, job in enumerate(jobs, 1):
        path = lab.folder / f"hist_clat_hist.{number}.log"
        if not any(job[direction]["total_ios"] for direction in DIRECTIONS):
            check(not path.exists(), f"{path.name} of a job that moved nothing")
            continue
        check(path.exists(), f"no {path.name}")
        log = rows(path)
        check(all(len(row) == 3 + 1856 for row in log), f"{path.name}: not 1856 counters")
        used = [direction for direction in DIRECTIONS if job[direction]["total_ios"]]
        check(sum(sum(row[3:]) for row in log) ==
              sum(job[direction]["total_ios"] for direction in used), f"{path.name}: lost some")
        if len(used) != 1 or used == ["trim"]:
            continue
        made = tool([sys.executable, str(program), "--output-unit", "usec", "--percentiles", "50",
                     "100", "--time-quantum", "3600", "--", str(path)], lab.folder)
        check(made.returncode == 0, f"{path.name}: {made.stdout}{made.stderr}")
        last = made.stdout.strip().splitlines()[-1].split(",")
        clat = job[used[0]]["clat_ns"]
        # It interpolates within a bucket, which is 1/64 wide; its greatest is the bucket's end.
        check(abs(1000 * float(last[-1]) / clat["max"] - 1) < 1 / 32,
              f"{path.name}: greatest {last[-1]}, ours {clat['max']}")
        # Between samples that lie far apart it interpolates.
        least, most = (clat["percentile"][f"{rank}.000000"] for rank in (40, 60))
        check(least * 0.97 <= 1000 * float(last[-2]) <= most * 1.03,
              f"{path.name}: median {last[-2]} us, ours lies between {least} and {most} ns")
        tried += 1
    check(tried > 0, "no histogram log was tried")


def test(lab):
    run = hand_made.stream(lab.folder / "run.jsonl", hand_made.many())
    check_json(lab, run, plus=False)
    plus, jobs = check_json(lab, run, plus=True)
    clat2csv(lab, plus, jobs)
    fio2gnuplot(lab, run)
    generate_plots(lab, run)
    histogram_percentiles(lab, run, jobs)
    # A prefix that cannot be written to is said, with its name.
    made = lab.run("report", run, "--output", str(lab.folder / "text"),
                   "--write_lat_log=/nowhere/x")
    check(made.returncode == 3 and "/nowhere/x" in made.stderr_text,
          f"a prefix that is not there: {made.returncode} {made.stderr_text}")


sys.exit(main(test))
