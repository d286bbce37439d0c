"""Numbers that are not finite, brought into a run from outside at a random step: the tool must name step and place.

- memory: the process is stopped, a NaN is written over one training example wherever it stands in its memory, and the
  process goes on. The step that draws the example meets it.
- checkpoint: a run is stopped, one element of a tensor of its last checkpoint becomes NaN or infinite, and it is resumed.
- rate: a run is stopped, its learning rates become huge, and it is resumed: weights overflow some steps later.

Named means: exit code 1, one sentence with the step and the loss, term, gradient, parameter or score; no checkpoint that
holds such a number; and, from the last checkpoint that the run had written by itself, the bits of the unbroken run.
"""

import functools
import json
import math
import os
import random
import re
import signal
import struct
import time

from common import CRITIC, NETWORKS, PLAIN, contents, difference, finished, kill, read_safetensors, remove

KINDS = ["memory", "checkpoint", "rate"]
# The log of the default is rare, and gradients are looked at where it has a line: both are tried.
RARELY, OFTEN = 100_000, 1

SENTENCE = re.compile(
    r"Error: step (\d+): (?:player '[^']*': (?:the loss|the (?:term|gradient of|parameter|average of) '[^']*')"
    r"|the validation score '[^']*') is not finite; no checkpoint holds it\n")

BASE = "--threads 1 --quiet --set training.batchSize=20 --set training.checkpointSeconds=0.05".split()
TRAINED = {
    "vae": "train vae --data points.npy --epochs 40 --set training.average=0.99".split() + PLAIN,
    "aae": "train aae --data points.npy --epochs 30".split() + PLAIN + NETWORKS + CRITIC,
    "adgm": """train adgm --data points.npy --labels points.csv --epochs 12 --set auxiliary.dimensions=2""".split()
    + PLAIN,
    "gan": """train gan --data points.npy --epochs 40 --set generator.hidden=[16] --set adversary.hidden=[16]
      --set training.average=0.99""".split(),
    "avb-ac": "train avb-ac --data points.npy --epochs 15 --set encoder.noise=input --set encoder.noiseSize=2".split()
    + PLAIN + NETWORKS + CRITIC,
    "realnvp": "train realnvp --data points.npy --epochs 12".split(),
}


def run(options, shop, keep):
    lines = [f"{row},{row % 2}" for row in range(60)]
    (shop.path / "points.csv").write_text("index,class\n" + "\n".join(lines) + "\n")
    names = options.systems.split(",") if options.systems else list(TRAINED)

    @functools.cache
    def known(name, every):
        whole = shop.path / f"{name}-{every}"
        began = time.monotonic()
        code, _, errors = shop.run([*command(name, every), "--run", whole])
        if code != 0:
            raise SystemExit(f"{name}: the unbroken run failed with {code}: {errors}")
        return decisive(whole), time.monotonic() - began

    for index in range(options.first - 1, options.count):
        kind, name = KINDS[index % len(KINDS)], names[index // len(KINDS) % len(names)]
        seed = options.seed * 1_000_000 + index
        rng = random.Random(seed)
        every = rng.choice((RARELY, OFTEN))
        result = None
        while result is None:
            remove(shop.path / "broken")
            result = PLANS[kind](shop, command(name, every), rng, *known(name, every))
        keep({"kind": kind, "system": name, "logEvery": every, "seed": seed, **result})


def command(name, every):
    return [*TRAINED[name], *BASE, "--set", f"training.logEvery={every}"]


def decisive(run):
    """What of a run does not depend on where its log was cut: checkpoints, validations, settings, facts."""
    found = {k: v for k, v in contents(run).items() if ".safetensors" in k or k in ("config.yaml", "facts.json")}
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return {**found, "validations": [line for line in lines if line["kind"] == "validation"]}


def judged(shop, run, code, errors, expected, extra, untouched=True):
    """The record of a trial: whether the refusal names the number, and whether the run can go on."""
    match = SENTENCE.fullmatch(errors)
    bad = not_finite(run)
    if code != 1 or not match:
        problem = f"ended with {code} and said: {errors.strip()[:300] or 'nothing'}"
    elif bad:
        problem = f"{bad} is not finite"
    elif untouched:
        code, _, errors = shop.run(["resume", run, "--quiet"])
        problem = f"went on with {code}: {errors.strip()}" if code else difference(decisive(run), expected)
    else:
        problem = None
    words = errors if problem else "named"
    sentence = match[0].strip() if match else None
    return {**extra, "sentence": sentence, "passed": problem is None, "outcome": problem or words}


def not_finite(run):
    """The first tensor of any checkpoint with a number that is not finite; None where there is none."""
    for path in sorted(run.rglob("*.safetensors")):
        header, body = read_safetensors(path)
        for name, entry in header.items():
            if name == "__metadata__" or entry["dtype"] not in ("F32", "F64"):
                continue
            first, last = entry["data_offsets"]
            letter = "f" if entry["dtype"] == "F32" else "d"
            count = (last - first) // struct.calcsize(letter)
            if not all(map(math.isfinite, struct.unpack(f"<{count}{letter}", body[first:last]))):
                return f"{path.name}: {name}"
    return None


def stopped(shop, arguments, rng, seconds, number=signal.SIGTERM):
    """A run that was stopped at a random instant of its training; None if that was too early or too late."""
    run = shop.path / "broken"
    process = shop.start([*arguments, "--run", run])
    wait_for_checkpoint(run, process)
    time.sleep(rng.uniform(0, seconds))
    kill(process, number)
    code, _, _ = finished(process)
    return run if code == 128 + number and (run / "checkpoints/last.safetensors").exists() else None


def wait_for_checkpoint(run, process):
    while process.poll() is None and not (run / "checkpoints/last.safetensors").exists():
        time.sleep(0.001)


# MARK: NaN in memory


def in_memory(shop, arguments, rng, expected, seconds):
    run, points = shop.path / "broken", (shop.path / "points.npy").read_bytes()
    row = rng.randrange(430)
    example = points[len(points) - 8 * (430 - row):][:8]
    process = shop.start([*arguments, "--run", run])
    wait_for_checkpoint(run, process)
    time.sleep(rng.uniform(0, seconds / 2))
    if process.poll() is None:
        os.kill(process.pid, signal.SIGSTOP)
        places = overwrite(process.pid, example, struct.pack("<2f", math.nan, math.nan))
        os.kill(process.pid, signal.SIGCONT)
    else:
        places = 0
    code, _, errors = finished(process)
    # The example's last turn was over.
    if places == 0 or code == 0 and difference(decisive(run), expected) is None:
        return None
    return judged(shop, run, code, errors, expected, {"example": row, "places": places})


def overwrite(pid, old, new):
    """Replaces bytes wherever they stand in the writable memory of a process; returns in how many places."""
    places = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        for line in maps:
            bounds, rights, *_ = line.split()
            if not rights.startswith("rw") or "[v" in line:
                continue
            first, last = (int(bound, 16) for bound in bounds.split("-"))
            try:
                memory.seek(first)
                block = memory.read(last - first)
            except OSError:
                continue
            at = block.find(old)
            while at >= 0:
                memory.seek(first + at)
                memory.write(new)
                places += 1
                at = block.find(old, at + 1)
    return places


# MARK: A damaged checkpoint


def in_checkpoint(shop, arguments, rng, expected, seconds):
    run = stopped(shop, arguments, rng, seconds / 2)
    if run is None:
        return None
    last = run / "checkpoints/last.safetensors"
    good = last.read_bytes()
    header, body = read_safetensors(last)
    names = sorted(k for k, v in header.items() if k != "__metadata__" and v["dtype"] in ("F32", "F64") and v["shape"])
    name = rng.choice(names)
    (first, end), size = header[name]["data_offsets"], 4 if header[name]["dtype"] == "F32" else 8
    element = rng.randrange((end - first) // size)
    value = rng.choice((math.nan, math.inf, -math.inf))
    at = len(good) - len(body) + first + element * size
    bad = good[:at] + struct.pack("<f" if size == 4 else "<d", value) + good[at + size:]
    last.write_bytes(bad)
    code, _, errors = shop.run(["resume", run, "--quiet"])
    extra = {"tensor": name, "element": element, "value": str(value)}
    if code == 1 and last.read_bytes() != bad:
        return {**extra, "sentence": errors, "passed": False, "outcome": "the damaged checkpoint was replaced"}
    if code == 1:
        last.write_bytes(good)
    return judged(shop, run, code, errors, expected, extra)


# MARK: Rates


def by_rate(shop, arguments, rng, expected, seconds):
    run = stopped(shop, arguments, rng, seconds / 2)
    if run is None:
        return None
    settings, last = run / "config.yaml", run / "checkpoints/last.safetensors"
    text, before = settings.read_text(), last.read_bytes()
    rate = f"1e{rng.randint(15, 38)}"
    settings.write_text(re.sub(r"(?m)^( +learningRate:) [0-9]\S*", rf"\1 {rate}", text))
    code, _, errors = shop.run(["resume", run, "--quiet"])
    # Saturated networks may live with any rate.
    if code == 0 and not_finite(run) is None:
        return None
    settings.write_text(text)
    return judged(shop, run, code, errors, expected, {"rate": rate}, untouched=last.read_bytes() == before)


PLANS = {"memory": in_memory, "checkpoint": in_checkpoint, "rate": by_rate}
