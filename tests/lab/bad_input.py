#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What cannot be meant is answered by one line that names the place and the cure. No machine."""
import sys

from lab import Failure, check, main

# What is typed, exit status, what the line must hold. JOB(text) stands for a file of that text.
TABLE = (
    (("run", "JOB:[a]\npinn=vmsplice\n"), 2, (":2:1:", '"pinn"', '"pin"')),
    (("run", "JOB:[a]\npin=vmsplic\n"), 2, (":2:5:", '"vmsplic"', '"vmsplice"')),
    (("run", "JOB:[global]\npin=vmsplice\n"), 2, ("no job",)),
    (("run", "smoke", "--kernel", "6.2"), 2, ("--kernel", '"6.2"', '"6.1"')),
    (("run", "smoek"), 2, ("smoek", "did you mean smoke?")),
    (("run", "no.such"), 2, ("no.such", "smoke, standard")),
    (("run", "smoke", "--nvdimm-size=12q"), 2, ("--nvdimm-size", '"12q"', "k, m, g, t")),
    (("run", "smoke", "--pagesize=3k"), 2, ("--pagesize", "4k or 2m")),
    (("run", "smoke", "--completion=5parsec"), 2, ("--completion", '"5parsec"', "ms")),
    (("run", "smoke", "--repeat=0"), 2, ("--repeat", "from 1")),
    (("run", "smoke", "--nvdimms=99"), 2, ("--nvdimms", "from 1 to 8")),
    (("run", "smoke", "--breaker=truncat"), 2, ("--breaker", '"truncate"')),
    (("run", "smoke", "--disturber=refalt"), 2, ("--disturber", '"refault"')),
    (("run", "smoke", "--filesystem=btrfs"), 2, ("--filesystem", "ext4, xfs")),
    (("run", "smoke", "--gate=dn"), 2, ("--gate", '"dm"')),
    (("run", "smoke", "--section=basik"), 2, ("--section", '"basic"')),
    (("run", "smoke", "--output-format=jsno"), 2, ("--output-format", '"json"')),
    (("run", "smoke", "--kernle", "6.1"), 2, ('"--kernle"', '"--kernel"')),
    (("rnu", "smoke"), 2, ('"rnu"', '"run"')),
    (("run", "smoke", "--directory", "/proc"), 3, ("/proc",)),
    (("run", "smoke", "--directory", "DIR"), 3, ("DAX", "dax=always")),
    (("run", "smoke", "--directory", "/nonexistent"), 3, ("/nonexistent", "No such file")),
    (("report", "nofile.jsonl"), 2, ("nofile.jsonl", "No such file")),
    (("report", "JOB:not json\n"), 2, ("line 1", "not JSON")),
)


def test(lab):
    wrong = []
    for number, (words, status, wanted) in enumerate(TABLE):
        typed = [lab.file(f"{number}.job", word[4:]) if word.startswith("JOB:")
                 else str(lab.folder) if word == "DIR" else word for word in words]
        try:
            process = lab.run(*typed, seconds=20)
        except Failure as late:
            wrong.append(str(late))
            continue
        lines = process.stderr_text.splitlines()
        good = (process.returncode == status and len(lines) == 1 and not process.stdout_text
                and all(part in lines[0] for part in wanted))
        if not good:
            wrong.append(f"{words}: status {process.returncode}, not {status}, or not all of "
                         f"{wanted} in one line:\n  {process.stderr_text}{process.stdout_text}")
    check(not wrong, "\n".join(wrong))


sys.exit(main(test))
