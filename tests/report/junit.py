#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The JUnit report is XML that a parser takes, and counts what it holds.

Usage: junit.py SAMPLE_REPORT_PROGRAM.
"""
import subprocess
import sys
import xml.etree.ElementTree as tree

# What Jenkins' schema and GitLab's parser know of.
CHILDREN = {
    "testsuites": {"testsuite"}, "testsuite": {"properties", "testcase"}, "properties": {"property"},
    "testcase": {"failure", "error", "skipped", "system-out"},
    "property": set(), "failure": set(), "error": set(), "skipped": set(), "system-out": set(),
}


def check(condition, what):
    if not condition:
        sys.exit(f"junit: {what}")


def report(*words):
    made = subprocess.run([sys.argv[1], "junit", *words], capture_output=True, timeout=200, check=True)
    return tree.fromstring(made.stdout)


def check_counts(element):
    cases = list(element.iter("testcase"))
    for name, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        held = sum(1 for case in cases if case.find(child) is not None)
        check(int(element.get(name)) == held, f"{element.get('name')}: {name} is {element.get(name)}, held are {held}")
    check(int(element.get("tests")) == len(cases), f"{element.get('name')}: tests is not the number of cases")


def main():
    top = report()
    check(top.tag == "testsuites", f"the root is {top.tag}")
    for element in top.iter():
        unknown = {child.tag for child in element} - CHILDREN[element.tag]
        check(not unknown, f"{element.tag} holds {unknown}")
    check_counts(top)
    suites = {suite.get("name"): suite for suite in top.findall("testsuite")}
    check(list(suites) == ["5.10", "6.1", "6.12", "7.2"], f"suites are {list(suites)}")
    for suite in suites.values():
        check_counts(suite)
        names = [case.get("name") for case in suite.iter("testcase")]
        check(len(set(names)) == len(names), f"{suite.get('name')} has two cases of one name")
        check(all(case.get("classname").count(".") == 1 for case in suite.iter("testcase")), "a class has two packages")
    properties = {one.get("name"): one.get("value") for one in suites["6.1"].iter("property")}
    check(properties["scheme"] == "fsdax-one" and "emulation" in properties["timings"], f"properties are {properties}")

    def case(root, kernel, name):
        return next(one for suite in root.findall("testsuite") if suite.get("name") == kernel
                    for one in suite if one.get("name") == name)

    lost = case(top, "6.1", "ext4/4k/odirect-read/truncate/none").find("failure")
    check(lost is not None and lost.get("type") == "lost-wakeup", "a finding is no failure")
    check("count 2, mappings 0" in lost.text and "known: bio-put-loses-wake" in lost.text, "a failure has no evidence")
    hostile = next(one for one in top.iter("failure") if one.get("type") == "kernel-warning" and "alert" in one.get("message"))
    check("</script><!--<script>alert('1')</script> & \"quoted\" ]]> # " in hostile.text, f"text was changed: {hostile.text!r}")
    check(case(top, "5.10", "machine: panic").find("error") is not None, "a panic is no error")
    skipped = case(top, "6.1", "ext4/4k/io-uring-fixed/truncate/munmap").find("skipped")
    check("must be refused" in skipped.get("message"), "a skip has no reason")

    excused = case(report("known"), "6.1", "ext4/4k/odirect-read/truncate/none")
    check(excused.find("failure") is None and "bio-put-loses-wake" in excused.find("system-out").text,
          "a known finding fails although it is expected")


main()
