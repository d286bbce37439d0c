"""What the parts of the campaign share: small runs, the tool at work on them, and what two runs must have in common."""

import functools
import hashlib
import json
import math
import os
import random
import re
import signal
import struct
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Stages that learn from codes know them by the hash of the encoder's file, which holds seconds.
STACKED = ("density", "regression")

# No command of the campaign takes as many seconds, on a machine however busy.
LONGEST = 3600

OFTEN = """--threads 1 --quiet --set training.batchSize=20 --set training.logEvery=1
  --set training.checkpointSeconds=0.05""".split()
KEPT = "--set training.keepEvery=5".split()
PLAIN = """--set encoder.hidden=[16] --set decoder.hidden=[16] --set latent.dimensions=2
  --set likelihood.family=gaussian""".split()
NETWORKS = "--set encoder.network=mlp --set decoder.network=mlp".split()
CRITIC = "--set adversary.network=mlp --set adversary.hidden=[16]".split()

# Every line of the log and checkpoints as often as possible, so that an instant may fall anywhere.
SYSTEMS = {
    "vae": """train vae --data strokes --limit 300 --epochs 12 --set data.validation=100 --set encoder.hidden=[32]
      --set decoder.hidden=[32] --set latent.dimensions=4 --set training.average=0.99""".split() + OFTEN + KEPT,
    "aae": "train aae --data points.npy --epochs 20".split() + OFTEN + KEPT + PLAIN + NETWORKS + CRITIC,
    "adgm": """train adgm --data half-moons --limit 400 --epochs 10 --labels-per-class 3
      --set auxiliary.dimensions=2""".split() + OFTEN + KEPT + PLAIN,
    "gan": """train gan --data points.npy --epochs 20 --set generator.hidden=[16] --set adversary.hidden=[16]
      --set training.average=0.99""".split() + OFTEN + KEPT,
    "avb-ac": "train avb-ac --data points.npy --epochs 10 --set encoder.noise=input --set encoder.noiseSize=2".split()
    + OFTEN + KEPT + PLAIN + NETWORKS + CRITIC,
    "vae-asl": """train vae-asl --data points.npy --epochs 6 --set encoder.hidden=[16] --set density.hidden=[16]
      --set density.couplings=2 --set regression.hidden=[16]""".split() + OFTEN,
    "infer hmc": """infer torus --method hmc --samples 400 --chains 20 --iterations 100 --seed 3 --threads 1 --quiet
      --out s.npy""".split(),
    "infer avb-ac": """infer torus --method avb-ac --samples 40 --iterations 12 --seed 3 --threads 1 --quiet
      --out s.npy""".split(),
}


class Workshop:
    """A directory in which the tool is tried, with a cache of its own and none of the user's data."""

    def __init__(self, tool, path, clear=()):
        self.tool, self.path, self.clear = Path(tool).resolve(), Path(path), list(clear)
        self.path.mkdir(parents=True, exist_ok=True)
        points = self.path / "points.npy"
        if not points.exists():
            write_points(points)
        self.environment = {
            **os.environ, "HELMHOLTZ_CACHE": str(self.path / "cache"), "OMP_NUM_THREADS": "1",
            "SWIFT_BACKTRACE": "enable=no"}
        self.environment.pop("HELMHOLTZ_DATA", None)

    def start(self, arguments, cwd=None, prefix=()):
        """Starts a command in a process group of its own."""
        cwd = Path(cwd or self.path)
        process = subprocess.Popen(
            [*prefix, str(self.tool), *map(str, arguments)], cwd=cwd, env=self.environment, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        process.began = time.monotonic()
        return process

    def run(self, arguments, cwd=None, prefix=()):
        return finished(self.start(arguments, cwd, prefix))

    @functools.cache
    def reference(self, name):
        """The contents of an unbroken run of a system, and the seconds that it takes."""
        run = self.path / "whole" / name.replace(" ", "-")
        arguments = [a if a != "s.npy" else f"{run}.npy" for a in SYSTEMS[name]]
        if not run.exists():
            run.parent.mkdir(exist_ok=True)
            code, output, errors = self.run([*arguments, "--run", run])
            if code != 0:
                raise SystemExit(f"{name}: the unbroken run failed with {code}: {errors}")
        began = time.monotonic()
        again = self.path / "timed"
        remove(again)
        self.run([*SYSTEMS[name], "--run", again])
        seconds = time.monotonic() - began
        remove(again)
        return contents(run), seconds

    def onward(self, name, run, arguments=None):
        """The command that begins a run, or goes on with one that is there."""
        arguments = arguments or SYSTEMS[name]
        if not (Path(run) / "config.yaml").exists():
            return [*arguments, "--run", run]
        if arguments[0] == "infer":
            return [*arguments, "--run", run, "--resume"]
        return ["resume", run, "--quiet"]


def finished(process, limit=LONGEST):
    """Exit code, output and errors of a command; minus the signal that ended it."""
    try:
        output, errors = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, errors = process.communicate()
        errors += f"\n(took more than {limit} seconds)"
    return process.returncode, output, errors


def kill(process, number=signal.SIGKILL):
    """Sends a signal to the group of a process; tells whether it was still there."""
    there = process.poll() is None
    if there:
        os.killpg(process.pid, number)
    return there


def remove(path):
    subprocess.run(["rm", "-rf", str(path)], check=True)


def write_points(path):
    """430 points around a ring as an npy file of float32."""
    rng, count = random.Random(1), 430
    angles = [2 * math.pi * rng.random() for _ in range(count)]
    values = [f(a) + rng.gauss(0, 0.1) for a in angles for f in (math.cos, math.sin)]
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({count}, 2), }}"
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    head = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()
    path.write_bytes(head + struct.pack(f"<{len(values)}f", *values))


# MARK: Comparing runs


def read_safetensors(path):
    """The header, metadata among it, and the bytes behind it."""
    data = Path(path).read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    return json.loads(data[8:8 + length]), data[8 + length:]


def without_seconds(value):
    """The same without what a clock says: every key that is or ends in seconds."""
    if isinstance(value, dict):
        return {k: without_seconds(v) for k, v in value.items() if not re.search(r"(^|_)seconds$", k)}
    return value


def checkpoint(path):
    """Every tensor of a checkpoint by name, byte for byte, and its manifest."""
    header, body = read_safetensors(path)
    found = {}
    for name, entry in header.items():
        if name == "__metadata__":
            entry = {**entry, "progress": json.loads(entry.get("progress", "{}"))}
            found[name] = {k: without_seconds(v) for k, v in without_seconds(entry).items()}
        else:
            first, last = entry["data_offsets"]
            found[name] = (entry["dtype"], entry["shape"], hashlib.sha256(body[first:last]).hexdigest())
    return found


def contents(run):
    """What a run is: of each file what does not depend on the clock or on the name of the directory.

    Event files and reports hold times; that they are there is what counts of them.
    """
    run, found = Path(run), {}
    for path in sorted(run.rglob("*")):
        name = str(path.relative_to(run))
        if path.is_dir() or path.name == ".lock" or path.suffix == ".partial" or path.parent.name == "events":
            continue
        if path.suffix == ".safetensors":
            found.update({f"{name}: {key}": value for key, value in checkpoint(path).items()})
        elif path.name == "metrics.jsonl":
            found[name] = [without_seconds(json.loads(line)) for line in path.read_text().splitlines()]
        elif path.name == "result.json":
            found[name] = without_seconds(json.loads(path.read_text()))
        elif path.name == "facts.json" and path.parent.name in STACKED:
            found[name] = {k: v for k, v in json.loads(path.read_text()).items() if k != "hash"}
        elif path.suffix in (".yaml", ".json"):
            found[name] = path.read_text().replace(str(run), "RUN")
        elif path.suffix == ".html":
            found[name] = "there"
        else:
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def difference(found, expected):
    """The first thing in which two runs differ, in words; None where they are identical."""
    for key in sorted(set(found) | set(expected)):
        if key not in found:
            return f"{key} is missing"
        if key not in expected:
            return f"{key} is left over"
        if found[key] != expected[key]:
            if isinstance(found[key], list):
                pairs = enumerate(zip(found[key], expected[key]))
                line = next((i for i, (a, b) in pairs if a != b), min(len(found[key]), len(expected[key])))
                return f"{key} differs from line {line + 1} on ({len(found[key])} lines, not {len(expected[key])})"
            return f"{key} differs"
    return None


def stage_of(run):
    """What a run has come to, by its files."""
    run = Path(run)
    if not (run / "config.yaml").exists():
        return "nothing"
    if (run / "report.html").exists():
        return "report"
    if any(run.glob("figures/*")) or (run / "result.json").exists():
        return "figures"
    if any(run.rglob("*.safetensors")):
        return "checkpoint"
    return "configuration"
