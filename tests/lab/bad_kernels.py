#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What is no kernel, or none that can do DAX, is named in one sentence and costs no other."""
import shutil
import sys

from lab import check, check_observed, main


def test(lab):
    image = lab.bzimage("6.1")
    (lab.folder / "cut").write_bytes(image.read_bytes()[:3_000_000])
    lab.file("prose", "This is not a kernel.\n" * 100)
    shutil.copy(image, lab.folder / "bare")
    words = ["smoke", "--section", "huge", "--kernel", "./cut", "--kernel", "./prose",
             "--kernel", "./bare", "--kernel", "6.1"]
    process, stream = lab.measure(*words, status=3)
    check("6.1" in stream.environments, "the good kernel did not run")
    good = [trial for trial in stream.trials if trial["timeline"]["cell"]["kernel"] == "6.1"]
    check(len(good) == 1 and good[0]["verdict"]["outcome"] == "pass", f"the good kernel: {good}")
    check_observed(good[0])
    said = {}
    for one in stream.of("incident"):
        said.setdefault(one["kernel"], one["sentence"])
    check("truncated" in said.get("cut", ""), f"cut: {said}")
    check("not a bzImage" in said.get("prose", ""), f"prose: {said}")
    # Debian's image has neither nvdimm nor filesystem built in, and it came without modules.
    check("virtio" in said.get("bare", "") and "panic" not in said.get("bare", ""), f"bare: {said}")
    check("--modules" in process.stderr_text, f"no cure is named:\n{process.stderr_text}")
    for trial in stream.trials:
        if trial["timeline"]["cell"]["kernel"] == "bare":
            check(trial["verdict"]["outcome"] == "skip", f"bare: {trial['verdict']}")
    check(not lab.machines() and not lab.leftovers(), f"left behind: {lab.leftovers()}")


sys.exit(main(test))
