"""Thousands of steps of each family: the memory of the process must not grow.

The resident set is read again and again from `/proc`, with the step from the run's log. The largest value in the last
tenth of the steps is compared with the largest in the second tenth, behind what start-up and the first epochs take.
"""

import json
import time

from common import CRITIC, LONGEST, NETWORKS, PLAIN, finished, remove

# What the resident set may grow by: the larger of a share and of a number of bytes, which allocators need.
SHARE, BYTES = 0.02, 8 << 20
# Seconds between two looks.
PAUSE = 0.05

POINTS = "--data points.npy".split()
LABELLED = [*POINTS, "--labels", "points.csv"]
IMAGES = "--data strokes --limit 300 --set data.validation=100".split()
CODES = "--set latent.dimensions=2".split()
HIDDEN = "--set encoder.hidden=[16] --set decoder.hidden=[16]".split()
AUXILIARY = "--set auxiliary.dimensions=2".split()
GENERATOR = "--set generator.hidden=[16] --set adversary.hidden=[16]".split()
BERNOULLI = [*HIDDEN, *CODES, *NETWORKS]
FLOW = "--set couplings=2 --set hidden=[16]".split()

FAMILIES = {
    "vae": [*POINTS, *PLAIN], "iwae": [*POINTS, *PLAIN], "mmd-vae": [*POINTS, *PLAIN, *NETWORKS],
    "stein-vae": [*POINTS, *PLAIN, *NETWORKS], "infovae": [*POINTS, *PLAIN, *NETWORKS],
    "aae": [*POINTS, *PLAIN, *NETWORKS, *CRITIC], "vae-planar": [*POINTS, *PLAIN, "--set", "posterior.length=4"],
    "vae-iaf": [*POINTS, *PLAIN, "--set", "posterior.length=2", "--set", "posterior.hidden=8"],
    "hvi": [*POINTS, *PLAIN, "--set", "hamiltonian.steps=2", "--set", "hamiltonian.hidden=[16]"],
    "avb-ac": [*POINTS, *PLAIN, *NETWORKS, *CRITIC, "--set", "encoder.noise=input", "--set", "encoder.noiseSize=2"],
    "mi": [*POINTS, "--set", "points.hidden=[16]"],
    "infomax": [*POINTS, "--set", "points.hidden=[16]", "--set", "information.units=16", "--set", "adversary.hidden=[16]"],
    "pm": [*POINTS, *PLAIN], "wake-sleep": [*IMAGES, "--set", "layers.sizes=[8, 4]"],
    "rws": [*IMAGES, "--set", "layers.sizes=[8, 4]"], "avae": [*POINTS, *PLAIN, *AUXILIARY],
    "m2": [*LABELLED, *PLAIN], "adgm": [*LABELLED, *PLAIN, *AUXILIARY],
    "classifier": [*LABELLED, "--set", "encoder.hidden=[16]"], "gan": [*POINTS, *GENERATOR],
    "cgan": [*IMAGES, *GENERATOR, "--set", "generator.network=mlp", "--set", "adversary.network=mlp"],
    "infogan": [*IMAGES, *GENERATOR, "--set", "generator.network=mlp", "--set", "adversary.network=mlp"],
    "cvae": [*IMAGES, *BERNOULLI], "aavae": [*IMAGES, *CODES, *HIDDEN, *NETWORKS],
    "vae-gan": [*IMAGES, *CODES, "--set", "encoder.channels=[2, 2, 2]", "--set", "generator.channels=[2, 2, 2]",
                "--set", "adversary.channels=[2, 2, 2, 2]", "--set", "encoder.hidden=[8]"],
    "cyclegan": ["--source", "two-moons", "--target", "swiss-roll", "--set", "generator.hidden=[16]", "--set",
                 "adversary.hidden=[16]", "--limit", "300", "--set", "target.limit=300"],
    "ada": ["--source", "strokes", "--target", "strokes-shifted", "--limit", "100", "--set", "target.limit=100",
            "--set", "features.channels=[2, 2]", "--set", "classifier.hidden=[8]", "--set", "adversary.hidden=[8]"],
    "realnvp": [*POINTS, *FLOW], "nice": [*POINTS, *FLOW], "maf": [*POINTS, *FLOW],
    "gmm": [*POINTS, "--set", "components=3"],
    "vae-asl": [*POINTS, "--set", "encoder.hidden=[16]", "--set", "density.hidden=[16]", "--set",
                "density.couplings=2", "--set", "regression.hidden=[16]", "--serial"],
    "infer hmc": "torus --method hmc --chains 20 --iterations 100 --thin 50".split(),
    "infer svgd": "torus --method svgd --samples 20".split(),
    "infer advi-fullrank": "torus --method advi-fullrank --samples 100".split(),
}


def command(name, steps):
    if name.startswith("infer"):
        length = ["--samples", steps * 20 // 50] if "hmc" in name else ["--iterations", steps]
        return ["infer", *FAMILIES[name], *length, "--out", "s.npy", "--threads", 1, "--quiet"]
    return [
        "train", name, *FAMILIES[name], "--steps", steps, "--threads", 1, "--quiet", "--set", "training.batchSize=10",
        "--set", "training.logEvery=50", "--set", "training.checkpointSeconds=1"]


def run(options, shop, keep):
    lines = [f"{row},{row % 2}" for row in range(430)]
    (shop.path / "points.csv").write_text("index,class\n" + "\n".join(lines) + "\n")
    for name in options.systems.split(",") if options.systems else FAMILIES:
        run = shop.path / "broken"
        remove(run)
        process = shop.start([*command(name, options.steps), "--run", run])
        looks = watch(process, run)
        code, _, errors = finished(process)
        keep({"system": name, **judged(looks, code, errors, options.steps)})


def watch(process, run):
    """Pairs of a step and the resident bytes then."""
    looks, deadline = [], time.monotonic() + LONGEST
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(PAUSE)
        # Of a run of stages the last one counts.
        log = run / ("regression/metrics.jsonl" if (run / "pipeline.json").exists() else "metrics.jsonl")
        try:
            with open(log, "rb") as file:
                file.seek(max(0, log.stat().st_size - 2000))
                record = json.loads(file.read().split(b"\n")[-2])
            resident = int(open(f"/proc/{process.pid}/statm").read().split()[1]) * 4096
        except (OSError, IndexError, ValueError):
            continue
        # The line of a measurement has the step of the best checkpoint.
        if record["kind"] != "evaluation":
            looks.append((record["step"], resident))
    return looks


def judged(looks, code, errors, steps):
    if code != 0:
        return {"passed": False, "outcome": f"ended with {code}: {errors.strip()[:300]}"}
    total = looks[-1][0] if looks else 0
    # Looks at the last step are those of the measurements behind it.
    second = [resident for step, resident in looks if 0.1 * total <= step < 0.2 * total]
    last = [resident for step, resident in looks if 0.9 * total <= step < total]
    if not second or not last:
        return {"steps": total, "passed": False, "outcome": "too fast to be looked at"}
    growth = max(last) - max(second)
    passed = growth <= max(BYTES, SHARE * max(second))
    return {
        "steps": total, "before": max(second), "after": max(last), "growth": growth, "passed": passed,
        "outcome": f"{growth / 2**20:+.1f} MiB of {max(second) / 2**20:.0f}"}
