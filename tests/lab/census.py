#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The counts measured in each state of a page are those that the kernel's scheme promises."""
import json
import sys

from lab import check, main


def expected(scheme, state):
    """The counts that a state may show."""
    idle, mapping = int(scheme["idle"]), int(scheme["mapping"])
    get, pin = int(scheme["foll_get"]), int(scheme["foll_pin"])
    return {
        "in a file, not mapped, not pinned": {idle},
        "mapped by one process": {idle + mapping},
        "mapped by two processes": {idle + 2 * mapping},
        # O_DIRECT takes FOLL_GET or, since 6.x, FOLL_PIN, which on a large folio adds one
        # reference and counts the pin elsewhere (mm/gup.c, try_grab_folio()).
        "mapped, held by one O_DIRECT read": {idle + mapping + get, idle + mapping + pin},
        "mapped, held by one vmsplice": {idle + mapping + get},
        "unmapped, held by one vmsplice": {idle + get},
        "punched out (free)": {idle},
    }.get(state)


def test(lab):
    schemes = {one["name"]: one
               for one in json.loads(lab.run("list", "schemes", "--json").stdout_text)}
    # The census does not say which scheme a kernel has; one cell of a run does.
    _, stream = lab.measure("smoke", "--section", "huge", "--quiet")
    scheme_of = {name: one["scheme"] for name, one in stream.environments.items()}
    words = [word for name in scheme_of for word in ("--kernel", name)]
    process = lab.run("census", "--json", *words)
    check(process.returncode == 0, f"exit status {process.returncode}\n{process.stderr_text}")
    rows = [row for row in json.loads(process.stdout_text) if row["state"]]
    for name, scheme in scheme_of.items():
        mine = [row for row in rows if row["kernel"] == name]
        check(len({row["state"] for row in mine}) >= 7, f"{name}: states {len(mine)}")
        check(len({row["subject"] for row in mine}) == 4, f"{name}: not ext4 and xfs, 4k and 2m")
        for row in mine:
            counts = {int(count) for count, pages in row["histogram"].items() if pages}
            wanted = expected(schemes[scheme], row["state"])
            check(wanted is not None, f"a state this test does not know: {row['state']}")
            check(len(counts) == 1 and counts <= wanted,
                  f"{name} ({scheme}) {row['subject']}, {row['state']}: counted {counts}, "
                  f"the scheme says {wanted}")


sys.exit(main(test))
