#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Every output format of the real program, from a run made by hand: each is written, and the status
is that of the findings. No kernel is needed."""
import json
import sys
import xml.etree.ElementTree

import hand_made
from lab import check, main


def report(lab, run, name, status):
    out = lab.folder / f"out.{name}"
    made = lab.run("report", run, "--output-format", name, "--output", str(out))
    check(made.returncode == status, f"{name}: status {made.returncode}: {made.stderr_text}")
    text = out.read_text()
    check(text.strip(), f"{name}: nothing was written")
    return text


def test(lab):
    records = hand_made.many(repetitions=2)
    for found, status in (([], 0), (["lost-wakeup"], 1)):
        records[1] = hand_made.trial(records[1]["timeline"]["cell"], 1, findings=found)
        run = hand_made.stream(lab.folder / f"run{status}.jsonl", records)
        for name in ("normal", "findings-page", "schemes-page", "costs-page"):
            report(lab, run, name, status)
        for name in ("json", "json+"):
            check(json.loads(report(lab, run, name, status))["jobs"], f"{name}: no jobs")
        suites = xml.etree.ElementTree.fromstring(report(lab, run, "junit", status))
        check(int(suites.get("tests")) == len(records), f"junit: {suites.attrib}")
        check(int(suites.get("failures")) == status, f"junit: {suites.attrib}")
        lines = report(lab, run, "ktap", status).splitlines()
        check(lines[0] == "KTAP version 1", f"ktap: {lines[0]}")
        check(sum(line.strip().startswith("not ok") for line in lines) == 2 * status,
              f"ktap: {[line for line in lines if 'not ok' in line]}")
        page = report(lab, run, "html", status)
        check("<html" in page and "http://" not in page.replace("http://www.w3.org", ""),
              "html: no page, or one with a link to elsewhere")


sys.exit(main(test))
