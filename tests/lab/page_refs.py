#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The observer counts right: what it says of puts and wakes, and what the census reads, is compared
with the kernel's own page_ref tracepoints (CONFIG_DEBUG_PAGE_REF), which see every change of a
count. Debian's kernels do not have them, so this needs a kernel of the lab's own in the cache."""
import json
import os
import re
import sys

from lab import Skip, check, main

CELLS = ["ext4/4k/vmsplice/truncate/none", "ext4/4k/vmsplice-x8/punch-hole/none",
         "ext4/4k/odirect-write/truncate/none", "ext4/4k/process-vm-readv/truncate/none"]
MARK = "---- trace ----"
# The tracepoint comes after the probe, and is written down in microseconds.
WINDOW_NS = 20_000_000
SLACK_NS = 2_000

SCRIPT = r"""
set -e
trace=/sys/kernel/tracing
[ -d $trace/events/page_ref ] || { echo no page_ref; exit 0; }
range=$(grep -m1 'Persistent Memory' /proc/iomem | sed 's/ .*//;s/^ *//')
first=$((0x${range%-*} >> 12)); last=$((0x${range#*-} >> 12))
echo mono > $trace/trace_clock
echo 16384 > $trace/buffer_size_kb
echo "pfn >= $first && pfn <= $last" > $trace/events/page_ref/filter
echo 1 > $trace/events/page_ref/enable
for cell in CELLS; do
  daxbreak matrix --directory $DAXBREAK_MOUNT --cell $cell --quiet --events events.jsonl > /dev/null || true
  echo 0 > $trace/tracing_on
  cat events.jsonl; rm events.jsonl
  echo MARK; cat $trace/trace; echo MARK
  echo > $trace/trace; echo 1 > $trace/tracing_on
done
"""

LINE = re.compile(r"-(?P<tid>\d+)\s+\[\d+\]\s+\S+\s+(?P<s>\d+)\.(?P<us>\d+): (?P<name>page_ref_\w+): "
                  r"pfn=(?P<pfn>\w+) .*?count=(?P<count>-?\d+) .*?val=(?P<val>-?\d+)")


class Change:
    """One line of the trace."""

    def __init__(self, match):
        self.ns = int(match["s"]) * 10**9 + int(match["us"]) * 1000
        self.tid = int(match["tid"])
        self.pfn = int(match["pfn"], 16)
        self.count = int(match["count"])  # after the change
        self.val = int(match["val"])


def changes_of(trace, pfn):
    found = [Change(match) for match in map(LINE.search, trace.splitlines()) if match]
    return [change for change in found if change.pfn == pfn]


def untouched(trial, events, counts):
    """A page of which the trace has nothing: nobody got a reference to it (zero-rfc refuses pins of
    mapped pages), so that every count that was read is the same and nothing was put."""
    seen = {event.get("count", 0) for event in counts}
    check(len(seen) == 1, f"{trial['id']}: the trace has nothing of the page, its counts were {seen}")
    check(not any(event["k"] == "put" for event in events),
          f"{trial['id']}: a put was seen, and the trace has nothing of the page")
    return {"put": 0, "wake": 0, "counts": len(counts)}


def agree(trial, trace):
    """How many of the trial's events have been compared, by kind; raises where one differs."""
    events = trial["timeline"]["events"]
    counts = [event for event in events if event["k"] == "counts" and "page" in event]
    check(counts, f"{trial['id']}: no count was read")
    pfn = int(counts[0]["page"], 16)
    changes = changes_of(trace, pfn)
    if not changes:
        return untouched(trial, events, counts)
    compared = {"put": 0, "wake": 0, "counts": 0}
    for event in events:
        said = f"{trial['id']}: {event}"
        before = [change for change in changes if change.ns <= event["t"] + SLACK_NS]
        if event["k"] == "put" and not event.get("v"):
            # A hook that is entered once the count has come to zero.
            check(before and before[-1].val < 0 and before[-1].count == event.get("count", 0),
                  f"{said}: by the trace the count was {before[-1].count if before else 'never changed'}")
            compared["put"] += 1
        elif event["k"] == "put":
            after = [change for change in changes
                     if event["t"] - SLACK_NS <= change.ns <= event["t"] + WINDOW_NS
                     and change.tid == event["tid"] and change.val < 0]
            check(after, f"{said}: no such put in the trace")
            check(after[0].val == -event["v"] and
                  after[0].count == event["count"] - event["v"],
                  f"{said}: the trace has {after[0].val} to {after[0].count}")
            compared["put"] += 1
        elif event["k"] == "wake" and before:
            check(before[-1].count == event.get("count", 0),
                  f"{said}: by the trace the count was {before[-1].count}")
            compared["wake"] += 1
        elif event["k"] == "counts" and before and int(event.get("page", "0"), 16) == pfn:
            check(before[-1].count == event.get("count", 0),
                  f"{said}: by the trace the count was {before[-1].count}")
            compared["counts"] += 1
    return compared


def test(lab):
    listed = json.loads(lab.run("list", "kernels", "--json").stdout_text)
    wanted = os.environ.get("DAXBREAK_OWN_KERNEL")
    own = [one["name"] for one in listed if "dax_scheme=" in one["append"]
           and not one["state"].startswith("not ") and wanted in (None, one["name"])]
    if not own:
        raise Skip("no kernel of the lab's own is built (daxbreak lab build map-counted)")
    script = SCRIPT.replace("CELLS", " ".join(CELLS)).replace("MARK", f"'{MARK}'")
    for kernel in own:
        ended = lab.run("lab", "exec", kernel, "--quiet", "--timeout", "240s", "--", "sh", "-c", script)
        check(ended.returncode == 0, f"{kernel}: {ended.stdout_text[-500:]}{ended.stderr_text}")
        check("no page_ref" not in ended.stdout_text, f"{kernel}: built without DEBUG_PAGE_REF")
        parts = ended.stdout_text.split(MARK)
        total, granted = {}, False
        for stream, trace in zip(parts[0::2], parts[1::2]):
            records = [json.loads(line) for line in stream.splitlines() if line.startswith("{")]
            for trial in (one for one in records if one["type"] == "trial"):
                if trial["verdict"]["outcome"] == "skip":
                    continue
                granted |= any(event["k"] == "pin_held" for event in trial["timeline"]["events"])
                for kind, number in agree(trial, trace).items():
                    total[kind] = total.get(kind, 0) + number
        # Only where not one pin is granted there need be no put.
        wanted_kinds = ("put", "wake", "counts") if granted else ("counts",)
        check(all(total.get(kind) for kind in wanted_kinds),
              f"{kernel}: too little to compare: {total}")
        print(f"{kernel}: {total['put']} puts, {total['wake']} wakes and {total['counts']} counts "
              "are what page_ref's tracepoints say")


if __name__ == "__main__":
    sys.exit(main(test))
