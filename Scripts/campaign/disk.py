"""Disks that are full or read-only at every write of a run.

- bytes: a file system in memory has room for 0, 1, 2 ... pages up to all that the run needs, so that the write that
  fails moves through every file.
- files: the same with room for 0, 1, 2 ... further files and directories.
- read-only: the run's directory, one below it or all of them lose the right to be written at a random instant.

A trial passes if the tool ends with 1 and a sentence that names a file and the system's reason, no checkpoint is
damaged, and the run goes on to the bits of the unbroken one once there is room again. File systems need root.
"""

import os
import random
import re
import stat
import subprocess
import time

from common import SYSTEMS, contents, difference, finished, read_safetensors, remove

KINDS = ["bytes", "files", "read-only"]
PAGE, PLENTY = 4096, 64 << 20
SENTENCE = re.compile(
    r"Error: (?:stage '[^']*': )?\S[^\n]*: (No space left on device|Permission denied|Read-only file system)\n"
    r"(?:stage '[^']*': [^\n]*\n)*")
# Root may write anywhere, so its rights to do so are taken from the tool.
HUMBLE = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


def run(options, shop, keep):
    names = options.systems.split(",") if options.systems else ["vae", "gan", "vae-asl", "infer hmc"]
    small = shop.path / "small"
    small.mkdir()
    mount(small, PLENTY, 100_000)
    try:
        needs = {name: needed(shop, name, small) for name in names}
        for index in range(options.first - 1, options.count):
            kind, name = KINDS[index % len(KINDS)], names[index // len(KINDS) % len(names)]
            seed = options.seed * 1_000_000 + index
            # Places spread evenly over all that a run needs.
            groups = len(KINDS) * len(names)
            share = (index // groups + 0.5) / max(1, (options.count + groups - 1) // groups)
            trial = full if kind != "read-only" else read_only
            keep({
                "kind": kind, "system": name, "seed": seed,
                **trial(shop, name, kind, small, share, needs[name], random.Random(seed), *shop.reference(name))})
            remove(small / "run")
    finally:
        subprocess.run(["umount", small], check=True)


def mount(place, size, files, again=False):
    options = f"{'remount,' if again else ''}size={size},nr_inodes={files}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)


def needed(shop, name, small):
    """Pages and files of a whole run."""
    code, _, errors = shop.run([*SYSTEMS[name], "--run", small / "run"])
    if code != 0:
        raise SystemExit(f"{name}: the run in memory failed with {code}: {errors}")
    at = os.statvfs(small)
    need = {"bytes": at.f_blocks - at.f_bfree, "files": at.f_files - at.f_ffree}
    remove(small / "run")
    return need


def full(shop, name, kind, small, share, needs, rng, expected, seconds):
    room = int(share * needs[kind])
    if kind == "bytes":
        # No size at all would be no limit.
        mount(small, max(1, room) * PAGE, 100_000, again=True)
    else:
        mount(small, PLENTY, room + 1, again=True)
    code, _, errors = shop.run([*SYSTEMS[name], "--run", small / "run"])
    problem = judged(code, errors) if code else None
    damaged = first_damaged(small / "run")
    mount(small, PLENTY, 100_000, again=True)
    problem = problem or damaged or onward(shop, name, small / "run", expected)
    return told(errors, problem, {"room": room, "of": needs[kind]})


def read_only(shop, name, kind, small, share, needs, rng, expected, seconds):
    run = small / "run"
    places = ["", "checkpoints", "figures", "events", "all"]
    while True:
        remove(run)
        place = rng.choice(places)
        process = shop.start([*SYSTEMS[name], "--run", run], prefix=HUMBLE if os.geteuid() == 0 else [])
        instant = rng.uniform(0, seconds)
        while process.poll() is None and not (run / "config.yaml").exists():
            time.sleep(0.001)
        time.sleep(instant / 2)
        directories = [run / place] if place != "all" else [run, *filter(os.path.isdir, run.rglob("*"))]
        for directory in directories:
            if directory.exists():
                directory.chmod(directory.stat().st_mode & ~0o222)
        code, _, errors = finished(process)
        for directory in directories:
            if directory.exists():
                directory.chmod(directory.stat().st_mode | stat.S_IWUSR)
        # Nothing was to be written there any more.
        if code != 0:
            break
    problem = judged(code, errors) or first_damaged(run) or onward(shop, name, run, expected)
    return told(errors, problem, {"place": place or "run", "instant": round(instant / 2, 4)})


def judged(code, errors):
    if code == 1 and SENTENCE.fullmatch(errors):
        return None
    return f"ended with {code} and said: {errors.strip()[:300] or 'nothing'}"


def first_damaged(run):
    """Checkpoints are whole, whatever happened."""
    for path in run.rglob("*.safetensors"):
        try:
            header, body = read_safetensors(path)
            whole = max((v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"), default=0)
        except Exception as error:
            return f"{path.name} is damaged: {error}"
        if whole != len(body):
            return f"{path.name} is cut short"
    return None


def onward(shop, name, run, expected):
    code, _, errors = shop.run(shop.onward(name, run))
    return f"went on with {code}: {errors.strip()}" if code else difference(contents(run), expected)


def told(errors, problem, extra):
    sentence = errors.strip().split("\n")[0]
    return {**extra, "sentence": sentence, "passed": problem is None, "outcome": problem or "identical"}
