#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Nothing but installing packages needs root: the lab runs as `nobody` with a home of its own."""
import os
import pathlib
import pwd
import shutil
import subprocess
import sys

from lab import (RUN_SECONDS, SOURCE, Events, Skip, check, check_observed, main, need_kernels)


def test(lab):
    if os.getuid() != 0:
        raise Skip("this is an ordinary user: every other lab test says the same")
    if not shutil.which("setpriv"):
        raise Skip("there is no setpriv")
    image = lab.bzimage("6.1")
    nobody = pwd.getpwnam("nobody")
    home = lab.folder / "home"
    cache = home / "cache" / "daxbreak"
    # Fetched as root; that a fetch works as a user is for CI to show, which runs as one.
    own = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    shutil.copytree(image.parents[1], cache / "kernels" / "6.1", symlinks=True)
    if (own / "daxbreak" / "apt" / "6.1").is_dir():
        shutil.copytree(own / "daxbreak" / "apt" / "6.1", cache / "apt" / "6.1", symlinks=True)
    # The build may lie where only its owner comes.
    program = shutil.copy(lab.program, home / "daxbreak")
    shutil.copytree(SOURCE / "configs", home / "configs")
    for path in [lab.folder, *lab.folder.rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    events = home / "run.jsonl"
    run = subprocess.run(
        ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
         "--inh-caps=-all", "--no-new-privs", program, "run", "smoke", "--section", "huge",
         "--kernel", "6.1", "--events", str(events)],
        env=dict(lab.env, HOME=str(home), XDG_CACHE_HOME=str(home / "cache"),
                 DAXBREAK_CONFIGS=str(home / "configs")),
        cwd=home, timeout=RUN_SECONDS, stdin=subprocess.DEVNULL, text=True, capture_output=True)
    check(events.exists(), f"did not begin: {run.stdout}{run.stderr}")
    stream = Events(events)
    need_kernels(stream)
    check(run.returncode == 0, f"exit status {run.returncode}\n{run.stdout}{run.stderr}")
    check(len(stream.trials) == 1, f"{len(stream.trials)} trials of 1")
    check_observed(stream.trials[0])
    check(not lab.machines() and not lab.leftovers(), f"left behind: {lab.leftovers()}")


sys.exit(main(test))
