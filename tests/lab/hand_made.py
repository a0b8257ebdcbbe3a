# SPDX-License-Identifier: GPL-2.0
"""Event streams made by hand, for tests of what reads them: no kernel is needed."""
import json
import random

MS = 1_000_000


def cell(kernel="6.1", filesystem="ext4", page_size=4096, pin="vmsplice", breaker="truncate",
         disturber="none"):
    return {"kernel": kernel, "filesystem": filesystem, "page_size": page_size, "pin": pin,
            "breaker": breaker, "disturber": disturber}


def trial(where, index, wake_ns=150_000, hold_ns=20 * MS, flow="from_page", findings=()):
    """A trial whose breaker waited for `hold_ns` and returned `wake_ns` after the release."""
    begin = 1_000 * MS * (index + 1)
    released = begin + MS + hold_ns
    events = [(begin, "pin_begin", {}), (begin + 300_000, "pin_held", {"v": 1}),
              (begin + MS, "break_begin", {"tid": 77}), (released, "release_begin", {}),
              (released + min(wake_ns, 90_000), "release_end", {}),
              (released + wake_ns, "break_end", {"tid": 77})]
    size = {4096: "4k", 2 << 20: "2m"}[where["page_size"]]
    return {"type": "trial",
            "id": f"{where['filesystem']}/{size}/{where['pin']}/{where['breaker']}/"
                  f"{where['disturber']}",
            "index": index,
            "timeline": {"cell": where, "deadline_ns": 2_000 * MS, "pin_flow": flow,
                         "events": [{"t": t, "k": kind, **more} for t, kind, more in events]},
            "verdict": {"outcome": "fail" if findings else "pass",
                        "findings": [{"kind": kind, "sentence": f"something called {kind}"}
                                     for kind in findings],
                        "measures": {"break_ns": hold_ns + wake_ns, "wake_ns": wake_ns,
                                     "put_to_wake_ns": max(wake_ns // 3, 1)}},
            "attempts": 1, "came_back": 1 if findings else 0, "seconds": 0.5}


def environment(kernel, accelerator="tcg"):
    return {"type": "environment", "schema": 1, "kernel": kernel, "release": f"{kernel}.0-amd64",
            "version": f"{kernel}.1-1", "scheme": "fsdax-one", "accelerator": accelerator}


def stream(path, records, whole=True):
    """Writes the stream; without its last line if not `whole`. Returns its path as text."""
    kernels = dict.fromkeys(record["timeline"]["cell"]["kernel"] for record in records)
    lines = [{"type": "run_begin", "schema": 1, "command": "daxbreak run", "started":
              "2026-11-21T01:22:46Z"}, *(environment(kernel) for kernel in kernels), *records]
    if whole:
        lines.append({"type": "run_end", "seconds": 12.5})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def many(seed=1, repetitions=30, kernels=("6.1", "6.12"), factor=1.0):
    """Latencies over six decades, of pins that read, write, and do neither."""
    chance = random.Random(seed)
    records = []
    for kernel in kernels:
        for repetition in range(repetitions):
            for pin, flow in (("vmsplice", "from_page"), ("odirect-read", "to_page"),
                              ("process-vm", "none")):
                for size in (4096, 2 << 20):
                    where = cell(kernel=kernel, pin=pin, page_size=size)
                    records.append(trial(where, len(records),
                                         wake_ns=int(chance.lognormvariate(12, 0.3) * factor),
                                         hold_ns=int(10 ** chance.uniform(3, 9.4)), flow=flow))
    return records
