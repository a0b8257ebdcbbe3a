# SPDX-License-Identifier: GPL-2.0
"""What the lab tests share: run the real program, read what it leaves, say what is wrong.

ctest runs each test as `python3 NAME.py PROGRAM`. Exit status 0: passed, 1: failed, 77: skipped.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
# A run of a handful of cells; ctest's own limit lies above it.
RUN_SECONDS = 280


class Failure(Exception):
    """An expectation that did not hold; its text is for people."""


def check(holds, sentence):
    if not holds:
        raise Failure(sentence)


class Skip(Exception):
    """Why a test cannot be made here."""


class Events:
    """An event stream (`--events`), sorted by type."""

    def __init__(self, path):
        check(pathlib.Path(path).exists(), f"there is no event stream {path}")
        self.records = [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]

    def of(self, kind):
        return [record for record in self.records if record["type"] == kind]

    @property
    def trials(self):
        return self.of("trial")

    @property
    def environments(self):
        return {one["kernel"]: one for one in self.of("environment")}

    @property
    def missing(self):
        return [one["kernel"] for one in self.of("incident") if one["what"] == "missing"]


class Lab:
    """The program, and a folder of its own that is TMPDIR too, so that what a run leaves behind is
    told from what anybody else has on this machine."""

    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lab-test-"))
        self.tmp = self.folder / "tmp"
        self.tmp.mkdir()
        self.env = dict(os.environ, TMPDIR=str(self.tmp))

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def start(self, *words, **more):
        return subprocess.Popen([self.program, *words], env=self.env, cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                stdin=subprocess.DEVNULL, **more)

    def run(self, *words, seconds=RUN_SECONDS):
        """Runs the program to its end; stdout and stderr as text, and `seconds`."""
        begun = time.monotonic()
        process = self.start(*words)
        try:
            process.stdout_text, process.stderr_text = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise Failure(f"daxbreak {' '.join(words)}: no end within {seconds} s\n{out}{err}")
        process.seconds = time.monotonic() - begun
        return process

    def measure(self, *words, events="run.jsonl", status=None):
        """`run WORDS` with an event stream: the process and the stream. Skips the test if not one
        kernel could be had."""
        path = self.folder / events
        process = self.run("run", *words, "--events", str(path))
        check(path.exists(), f"no event stream: {process.stderr_text}")
        stream = Events(path)
        need_kernels(stream)
        if status is not None:
            check(process.returncode == status,
                  f"exit status {process.returncode}, not {status}\n"
                  f"{process.stderr_text}{process.stdout_text}")
        return process, stream

    def bzimage(self, kernel):
        """The image of a fetched kernel of the catalogue."""
        fetched = self.run("lab", "fetch", kernel)
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        found = sorted((cache / "daxbreak" / "kernels" / kernel).glob("*/vmlinuz"),
                       key=lambda path: path.stat().st_mtime)
        if not found:
            raise Skip(f"the kernel {kernel} cannot be had: {fetched.stderr_text}")
        return found[-1]

    def machines(self):
        """Process ids of QEMUs that work in this test's folder."""
        found = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = path.read_bytes().split(b"\0")
            except OSError:
                continue  # ended meanwhile
            if b"qemu" in words[0] and any(str(self.tmp).encode() in word for word in words):
                found.append(int(path.parent.name))
        return found

    def leftovers(self):
        return [path.name for path in self.tmp.iterdir()]


def need_kernels(stream):
    if stream.missing and not stream.environments:
        said = "; ".join(one["sentence"] for one in stream.of("incident"))
        raise Skip(f"no kernel can be had: {said}")


def wait_until(holds, seconds, sentence):
    end = time.monotonic() + seconds
    while not holds():
        check(time.monotonic() < end, f"{sentence} (waited {seconds} s)")
        time.sleep(0.1)


def name_of(trial):
    return f"{trial['timeline']['cell']['kernel']} {trial['id']}"


def kinds_of(trial):
    return [finding["kind"] for finding in trial["verdict"]["findings"]]


def check_observed(trial):
    """A pass is one only if the kernel was seen at what it passed for."""
    events = trial["timeline"]["events"]
    seen = {event["k"] for event in events}
    busy = [event for event in events if event["k"] == "scan" and event.get("page")]
    name = name_of(trial)
    if trial["timeline"]["must_be_refused"]:
        check("pin_refused" in seen, f"{name}: passed, and no refusal was seen")
        return
    check("pin_held" in seen, f"{name}: passed, and nothing was held")
    if not trial["timeline"]["frees_page"]:  # need not wait: what it must do is return
        check("break_end" in seen, f"{name}: passed, and the breaker never returned")
        waited = any(event["k"] == "wait" and event.get("page") for event in events)
        check(not waited or "wake" in seen, f"{name}: passed, waited, and was not woken")
        return
    check(busy, f"{name}: passed, and no scan found a page: {sorted(seen)}")
    wanted = {"wait", "sleep"}
    wanted.add("break_died" if trial["timeline"]["ends_breaker"] else "wake")
    check(wanted <= seen, f"{name}: passed without {sorted(wanted - seen)}")


def check_idle(stream):
    """Every page of every namespace that was to be idle is."""
    whole = [one for one in stream.of("census") if one["idle_expected"]]
    check(whole, "no census was taken")
    for census in whole:
        pages = {count for count, number in census["histogram"].items() if number}
        check(pages == {str(census["idle"])},
              f"{census['kernel']} {census['subject']}: {census['histogram']}, "
              f"idle is {census['idle']}")


def main(test):
    """Runs test(lab) and turns how it ends into an exit status."""
    lab = Lab(sys.argv[1])
    try:
        test(lab)
    except Skip as why:
        print(f"skipped: {why}")
        return SKIPPED
    except Failure as what:
        print(f"FAILED: {what}")
        return 1
    finally:
        lab.close()
    return 0
