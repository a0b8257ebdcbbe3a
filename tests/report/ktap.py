#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The KTAP report follows Documentation/dev-tools/ktap.rst: read back by a small strict parser.

Usage: ktap.py SAMPLE_REPORT_PROGRAM.
"""
import re
import subprocess
import sys

RESULT = re.compile(r"^(ok|not ok) (\d+)(?: ([^#]*?))?(?: # (?:(SKIP|TODO|XFAIL|TIMEOUT|ERROR)\b ?)?(.*))?$")


class Malformed(Exception):
    pass


class Test:
    def __init__(self, good, name, directive, reason, subtests, diagnostics):
        self.good, self.name, self.directive, self.reason = good, name, directive, reason
        self.subtests, self.diagnostics = subtests, diagnostics


class Parser:
    def __init__(self, text):
        if not text.endswith("\n"):
            raise Malformed("the last line is cut")
        self.lines = text[:-1].split("\n")
        self.at = 0

    def peek(self, depth):
        """The next line without its indentation, or None if it is of another level."""
        if self.at >= len(self.lines):
            return None
        line = self.lines[self.at]
        indent = len(line) - len(line.lstrip(" "))
        # What follows a diagnostic's sign may be indented as it likes.
        if indent != 2 * depth:
            return None
        return line[indent:]

    def tests(self, depth):
        """One level: version, plan, results."""
        if self.peek(depth) != "KTAP version 1":
            raise Malformed(f"line {self.at + 1}: no version line, but {self.lines[self.at]!r}")
        self.at += 1
        diagnostics, found, plan, inner = [], [], None, []
        while True:
            line = self.peek(depth)
            if line is None:
                if self.at < len(self.lines) and self.lines[self.at].startswith("  " * (depth + 1)):
                    inner = self.tests(depth + 1)
                    continue
                break
            self.at += 1
            if line.startswith("#"):
                diagnostics.append(line)
            elif re.fullmatch(r"1\.\.\d+", line):
                if plan is not None or found:
                    raise Malformed(f"line {self.at}: a plan in the wrong place")
                plan = int(line[3:])
            else:
                match = RESULT.match(line)
                if not match:
                    raise Malformed(f"line {self.at}: neither plan nor result nor diagnostic: {line!r}")
                result, number, name, directive, reason = match.groups()
                if int(number) != len(found) + 1:
                    raise Malformed(f"line {self.at}: number {number}, not {len(found) + 1}")
                found.append(Test(result == "ok", name, directive, reason, inner, diagnostics))
                diagnostics, inner = [], []
        if plan != len(found):
            raise Malformed(f"{plan} tests planned, {len(found)} found")
        return found


def parse(text):
    parser = Parser(text)
    found = parser.tests(0)
    if parser.at != len(parser.lines):
        raise Malformed(f"line {parser.at + 1} belongs to nothing: {parser.lines[parser.at]!r}")
    return found


def check(condition, what):
    if not condition:
        sys.exit(f"ktap: {what}")


def report(*words):
    made = subprocess.run([sys.argv[1], "ktap", *words], capture_output=True, timeout=200, check=True)
    return parse(made.stdout.decode(errors="replace"))


def main():
    # A parser that accepts anything would prove nothing.
    for wrong in ("KTAP version 1\n1..2\nok 1 a\n", "KTAP version 1\n1..1\nok 2 a\n", "1..1\nok 1 a\n",
                  "KTAP version 1\n1..1\nfine 1 a\n", "KTAP version 1\n1..1\n  KTAP version 1\n  1..2\n  ok 1 a\nok 1 b\n"):
        try:
            parse(wrong)
        except Malformed:
            continue
        sys.exit(f"ktap: the parser takes {wrong!r}")

    kernels = report()
    check([test.name for test in kernels] == ["5.10", "6.1", "6.12", "7.2"], "subtests are not the kernels")
    for kernel in kernels:
        bad = any(not test.good for test in kernel.subtests)
        check(kernel.good != bad, f"{kernel.name} is {kernel.good} with a failure: {bad}")
    cells = {kernel.name: {test.name: test for test in kernel.subtests} for kernel in kernels}
    usual = cells["6.1"]["ext4/4k/vmsplice/truncate/none"]
    check(usual.good and not usual.directive, "a pass is not ok")
    lost = cells["6.1"]["ext4/4k/odirect-read/truncate/none"]
    check(not lost.good and any("lost-wakeup" in line for line in lost.diagnostics), "a finding is not reported")
    check(any("known: bio-put-loses-wake" in line for line in lost.diagnostics), "what is known is not said")
    skipped = cells["6.1"]["ext4/4k/io-uring-fixed/truncate/munmap"]
    check(skipped.good and skipped.directive == "SKIP" and "must be refused" in skipped.reason, "a skip has no reason")
    doubtful = next(test for test in kernels[0].subtests
                    if (test.reason or "").startswith("inconclusive: because"))
    check(doubtful.directive == "SKIP", "what proved nothing passes")
    machine = cells["5.10"]["machine: panic"]
    check(not machine.good and machine.directive == "ERROR", "a panic is no error")

    excused = {test.name: test for test in report("known")[1].subtests}["ext4/4k/odirect-read/truncate/none"]
    check(excused.good and excused.directive == "XFAIL" and "bio-put-loses-wake" in excused.reason,
          "a known finding fails although it is expected")


main()
