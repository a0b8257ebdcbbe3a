#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Ctrl-C prints what was measured and leaves nothing; SIGKILL leaves no machine running."""
import re
import signal
import sys
import time

from lab import Events, Failure, check, main, need_kernels, wait_until

QUICK = 10  # seconds from the signal to the end


def trials(path):
    try:
        return sum('"type":"trial",' in line for line in path.read_text().splitlines())
    except OSError:
        return 0


def begin(lab, events):
    """A long run, as far as its third trial."""
    process = lab.start("matrix", "--kernel", "6.1", "--events", str(events))
    try:
        wait_until(lambda: trials(events) >= 3 or process.poll() is not None, 180, "no third trial")
        if process.poll() is not None:
            said = process.communicate()[1]
            check(events.exists(), f"did not begin: {said}")
            need_kernels(Events(events))
            raise Failure(f"ended of itself: {said}")
        check(lab.machines(), "a trial is under way, and no machine of ours is seen")
    except BaseException:
        process.kill()
        raise
    return process


def test(lab):
    events = lab.folder / "int.jsonl"
    process = begin(lab, events)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        out, err = process.communicate(timeout=QUICK)
    except Exception as late:
        process.kill()
        raise Failure(f"no end {QUICK} s after SIGINT") from late
    print(f"SIGINT: ended after {time.monotonic() - begun:.1f} s")
    check(process.returncode in (1, 3), f"exit status {process.returncode}")
    check("stopped" in err and re.search(r"^[1-9]\d* trials?:", out, re.M),
          f"what was measured is not printed:\n{out}{err}")
    check(len(Events(events).trials) >= 3, "what was measured is not in the event stream")
    check(not lab.machines(), "a machine outlived SIGINT")
    check(not lab.leftovers(), f"left behind: {lab.leftovers()}")

    process = begin(lab, lab.folder / "kill.jsonl")
    process.kill()
    process.communicate()
    wait_until(lambda: not lab.machines(), QUICK, "a machine outlived SIGKILL")
    # The next run cannot take its folder for a living one's.
    cleaned = lab.run("doctor", "--clean")
    check(not lab.leftovers(),
          f"doctor --clean leaves {lab.leftovers()}\n{cleaned.stdout_text}{cleaned.stderr_text}")


sys.exit(main(test))
