#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""`daxbreak compare` on runs made by hand: what it says, what it exits with, what it refuses."""
import json
import sys

import hand_made
from lab import check, main


def compare(lab, *words, status):
    made = lab.run("compare", *words)
    check(made.returncode == status,
          f"compare {' '.join(words)}: status {made.returncode}, not {status}\n"
          f"{made.stdout_text}{made.stderr_text}")
    return made


def said_once(made, *wanted):
    """Bad input is one sentence on standard error that holds these words."""
    text = made.stderr_text
    check(text.count("\n") == 1 and all(word in text for word in wanted), f"it says: {text}")
    check(not made.stdout_text, f"and prints {made.stdout_text}")


def test(lab):
    write = lambda name, records, **more: hand_made.stream(lab.folder / name, records, **more)
    base = write("base.jsonl", hand_made.many())

    made = compare(lab, base, base, status=0)
    check("\nNO DIFFERENCE\n" in made.stdout_text, f"against itself: {made.stdout_text}")
    for word in ("worse", "better", "can't tell"):
        check(word not in made.stdout_text, f"against itself: {made.stdout_text}")

    slower = write("slower.jsonl", hand_made.many(seed=2, factor=2.0))
    made = compare(lab, base, slower, "--output-format", "json", status=1)
    said = json.loads(made.stdout_text)
    wakes = [figure for kernel in said["comparisons"][0]["kernels"]
             for figure in kernel["figures"] if figure["measure"] == "wake"]
    check(len(wakes) == 6 and all(one["judgement"] == "worse" for one in wakes),
          f"twice as slow: {[one['judgement'] for one in wakes]}")
    check(all(one["interval"][0] < 1 < one["interval"][1] for one in wakes),
          f"intervals without the truth: {[one['interval'] for one in wakes]}")
    compare(lab, slower, base, status=0)
    check("software emulation" in compare(lab, base, slower, status=1).stdout_text,
          "times under tcg are not labelled")

    # One more run, and then all of them against the first.
    chance = write("chance.jsonl", hand_made.many(seed=3))
    made = compare(lab, base, chance, slower, status=1)
    check(made.stdout_text.count("\nbase  ") + made.stdout_text.startswith("base  ") == 2,
          f"two comparisons: {made.stdout_text}")
    check("\nWORSE\n" not in compare(lab, base, chance, status=0).stdout_text, "chance is worse")

    broken = hand_made.many()
    broken[3] = hand_made.trial(broken[3]["timeline"]["cell"], 3, findings=["lost-wakeup"])
    few = [one for one in hand_made.many(repetitions=1)]
    lost = [one for one in hand_made.many(repetitions=1)]
    lost[3] = hand_made.trial(lost[3]["timeline"]["cell"], 3, findings=["lost-wakeup"])
    one, other = write("one.jsonl", few), write("other.jsonl", lost)
    made = compare(lab, one, other, status=1)
    check("pass -> lost-wakeup" in made.stdout_text, f"a finding: {made.stdout_text}")
    check("better" in compare(lab, other, one, status=0).stdout_text, "a finding that is gone")
    # In one of thirty repetitions it may be chance.
    compare(lab, base, write("once.jsonl", broken), status=0)

    kernels = ("--base-kernel", "6.1", "--new-kernel", "6.12")
    check("6.1 (6.1.1-1, fsdax-one) -> 6.12 (6.12.1-1, fsdax-one)" in
          compare(lab, base, *kernels, status=0).stdout_text, "kernels of one file")
    check("wake" in compare(lab, base, slower, *kernels, "--by", "cell", "--output-format",
                            "markdown", status=1).stdout_text, "Markdown")

    # What cannot be compared is one sentence, with the file and the cure.
    said_once(compare(lab, base, status=2), "base.jsonl", "--base-kernel")
    said_once(compare(lab, base, slower, "--base-kernel", "9.9", status=2), "9.9", "6.12")
    said_once(compare(lab, base, str(lab.folder / "none.jsonl"), status=3), "none.jsonl",
              "No such file")
    for name, text in (("empty.jsonl", ""), ("text.jsonl", "hello\nworld\n"),
                       ("word.jsonl", "hello"), ("other.json", '{"a": 1}\n')):
        said_once(compare(lab, base, lab.file(name, text), status=3), name, "--events")
    said_once(compare(lab, base, lab.file("fio.json", '{"fio version": "fio-3.33"}\n'), status=3),
              "fio.json", ".jsonl")
    begun = (lab.folder / "base.jsonl").read_text()
    said_once(compare(lab, base, lab.file("begun.jsonl", begun[:begun.index('"trial"')]),
                      status=3), "begun.jsonl", "no trial")

    # Cut off in the middle: what is there is used, and that is said.
    made = compare(lab, base, lab.file("cut.jsonl", begun[:len(begun) // 2]), status=0)
    check("cut.jsonl: The last line was cut off" in made.stdout_text + made.stderr_text,
          f"a file cut in the middle: {made.stdout_text}{made.stderr_text}")
    check("only in the base" in made.stdout_text.lower(), f"what is missing: {made.stdout_text}")

    words = lab.run("completion", "bash").stdout_text
    check("compare" in words and "--new-kernel" in words, "no completion")
    help_text = lab.run("compare", "--help").stdout_text
    check("Exit status" in help_text, f"--help: {help_text}")


sys.exit(main(test))
