#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Reproducers stand alone: compiled with nothing but a C compiler they show on a kernel what is
known of it, and nothing on a kernel that is free of it. With DAXBREAK_SLOW_TESTS set also those that
leave a kernel unusable or need luck, each on a machine of its own."""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

from lab import Skip, check, main

# What is run: a cell, or a program of this folder; what its last line must name; a kernel that
# shows it; a kernel that does not, or None where all kernels tried have it (or nobody else can run
# it), or None twice: a control that must show nothing.
Known = collections.namedtuple("Known", "what word shows free")

# ext4 first, and what damages a kernel last: the programs of a kernel run in this order.
QUICK = [Known(*one) for one in (
    ("ext4/4k/odirect-read@null-blk/truncate/none", "LOST WAKEUP", "6.1", "6.12"),
    ("ext4/4k/vmsplice/truncate/munmap", "LEAK", "6.12", "sid"),
    ("ext4/4k/vmsplice/truncate/refault", "STUCK", "sid", "6.12"),
    ("ext4/4k/vmsplice/punch-hole/none", "NOT FLUSHED", "sid", "6.12"),
    ("ext4/4k/vmsplice/unlink/munmap", "EARLY", "6.12", "sid"),
    ("ext4/4k/vmsplice/umount/munmap", "EARLY", "6.1", "sid"),
    ("ext4/4k/vmsplice/swap-boot/none", "EARLY", "sid", None),
    ("ext4/4k/vmsplice/io-uring-fallocate-punch/signal", "ERRNO", "sid", "6.12"),
    ("xfs/4k/vmsplice/swapext/none", "LEAK", "6.12", None),
    ("xfs/4k/process-vm-writev/swapext/none", "STRAY WRITE", "sid", None),
    ("xfs/4k/process-vm-writev/reflink-over/none", None, None, "6.12"),
    ("xfs/4k+reflink/vmsplice/write/none", "EARLY", "6.12", None),
    ("xfs/4k+reflink/vmsplice/punch-hole/none", None, None, "6.12"),
    ("xfs/4k/vmsplice/dedupe/signal", "ERRNO", "sid", None),
    ("xfs/4k+reflink-mapped/vmsplice/truncate/none", "STUCK", "sid", "6.12"),
    ("xfs/4k+reflink/odirect-write@null-blk/truncate/none", "HANGS", "6.12", None),
    ("shared_refault.c", "STUCK", "sid", "6.12"),
    ("clone_then_touch.c", "BUG", "6.12", "sid"),
)]
SLOW = [Known(*one) for one in (
    ("ext4/4k/vmsplice/io-uring-fallocate-punch/signal", "ERRNO", "5.10", "6.1"),
    ("ext4/4k/futex-traffic/truncate/none", "LOST WAKEUP", "6.12", None),
    ("ext4/4k/futex-traffic/truncate/none", "STUCK", "sid", None),
    ("ext4/4k/vmsplice/last-close/own-pin", "UNKILLABLE", "sid", None),
    ("ext4/4k/vmsplice/unbind-namespace/none", "BUG", "6.1", "5.10"),
    ("device_unbind.c", "OOPS", "6.12", "5.10"),
)]
# Each program in turn, on its filesystem or on device-dax (the beginning of its name), with a block
# device whose I/O takes 3 s; what it says stands between lines that tell whose it is.
SCRIPT = r"""
cd /sys/kernel/config/nullb 2>/dev/null || { modprobe -q null_blk nr_devices=0; cd /sys/kernel/config/nullb; }
mkdir slow && cd slow && echo 16 >size && echo 1 >memory_backed && echo 2 >queue_mode &&
  echo 2 >irqmode && echo 3000000000 >completion_nsec && echo 1 >power
slow=/dev/slow; [ -b $slow ] || slow=/dev/nullb$(cat index)
cd /
now=ext4; pmem=$(sed -n "s#^\([^ ]*\) $DAXBREAK_MOUNT .*#\1#p" /proc/mounts)
for p in "$@"; do
  type=${p%%-*}
  if [ $type = dax ]; then
    umount $DAXBREAK_MOUNT
    ndctl create-namespace -f -e namespace0.0 -m devdax -a 2M >/dev/null || exit 3
    DAXBREAK_MOUNT=/dev/dax0.0
  elif [ $type != $now ]; then
    umount $DAXBREAK_MOUNT
    share=1; case $(uname -r) in 5.*) share=0;; esac
    mkfs.xfs -q -f -K -m reflink=$share -d su=2m,sw=1,agcount=2 -l su=4096 $pmem
    mount -t $type -o dax=always $pmem $DAXBREAK_MOUNT || exit 3
    now=$type
  fi
  echo "== $p"
  $p $DAXBREAK_MOUNT $slow
  echo "== status $?"
done 2>&1
"""


def text_of(lab, what):
    """The program's C."""
    if what.endswith(".c"):
        return (pathlib.Path(__file__).parent / what).read_text()
    made = lab.run("reproducer", what)
    check(made.returncode == 0, f"{what}: {made.stderr_text}")
    return made.stdout_text


def compile_all(lab, known):
    """Program file of each, named after where it is run."""
    compiler = shutil.which("cc")
    if not compiler:
        raise Skip("no C compiler")
    programs = {}
    for number, what in enumerate(dict.fromkeys(one.what for one in known)):
        where = "ext4" if what.startswith("ext4") else "dax" if "device" in what else "xfs"
        program = lab.folder / f"{where}-{number}"
        source = lab.file(f"{program.name}.c", text_of(lab, what))
        built = subprocess.run([compiler, "-O1", "-Wall", "-static", "-pthread", "-o", program,
                                source], capture_output=True, text=True)
        check(built.returncode == 0, f"{what}: {built.stderr}")
        check(not built.stderr, f"{what}: the compiler warns:\n{built.stderr}")
        programs[what] = program
    return programs


def run_on(lab, kernel, programs):
    """What each program said, and its status. A kernel that dies may leave some unsaid."""
    words = [word for program in programs for word in ("--put", str(program))]
    process = lab.run("lab", "exec", kernel, "--quiet", "--timeout", "250s", *words, "--", "sh",
                      "-c", SCRIPT, "sh", *(program.name for program in programs))
    if process.returncode == 3:
        raise Skip(f"{kernel}: {process.stderr_text}")
    parts = re.findall(r"^== (\S+)\n(.*?)^== status (\d+)$", process.stdout_text, re.S | re.M)
    said = {name: (text, int(status)) for name, text, status in parts}
    for program in programs:
        check(program.name in said, f"{kernel}: {program.name} did not end, exit status "
              f"{process.returncode}\n{process.stderr_text}{process.stdout_text}")
    return said


def wrong(kernel, one, text, status):
    """What is not as it is known to be, or nothing."""
    last = text.splitlines()[-1] if text else ""
    if kernel == one.shows:
        good = status == 1 and last.startswith("shown: ") and one.word in last
    else:
        good = status == 0 and last == "nothing wrong"
    return [] if good else [f"{kernel} {one.what}: status {status}, and not "
                            f"{one.word if kernel == one.shows else 'nothing wrong'}\n{text}"]


def run_known(lab, kernel, known, programs):
    said = run_on(lab, kernel, list(dict.fromkeys(programs[one.what] for one in known)))
    return sum((wrong(kernel, one, *said[programs[one.what].name]) for one in known), [])


def test(lab):
    slow = SLOW if os.environ.get("DAXBREAK_SLOW_TESTS") else []
    programs = compile_all(lab, QUICK + slow)
    failures = []
    for kernel in ("6.1", "6.12", "sid"):
        mine = [one for one in QUICK if kernel in (one.shows, one.free)]
        failures += run_known(lab, kernel, mine, programs)
    for one in slow:
        for kernel in filter(None, (one.shows, one.free)):
            failures += run_known(lab, kernel, [one], programs)
    check(not failures, "\n".join(failures))


if __name__ == "__main__":
    sys.exit(main(test))
