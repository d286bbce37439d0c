"""SIGTERM in each phase: the tool leaves within seconds, and the run goes on to the bits of the unbroken one."""

import json
import random
import time

from common import SYSTEMS, contents, difference, finished, kill, remove

# Seconds that a command may take to leave.
PATIENCE = 10


def lines(run):
    """The complete lines of a run's log."""
    try:
        return (run / "metrics.jsonl").read_text().split("\n")[:-1]
    except FileNotFoundError:
        return []


def last(run):
    found = lines(run)
    return json.loads(found[-1]) if found else {}


def steps(run):
    return last(run).get("step", 0)


def states(run):
    """The states of the stages of a run, in their order."""
    try:
        return [stage["state"] for stage in json.loads((run / "pipeline.json").read_text())["stages"]]
    except (FileNotFoundError, json.JSONDecodeError):
        return []


def is_writing(run):
    return any((run / "checkpoints").glob("*.partial"))


# When a phase has been reached; a random part of a second goes by before the signal.
TRAINING = {
    "start": (lambda run: True, 0.3),
    "directory": (lambda run: (run / "config.yaml").exists(), 0.02),
    "training": (lambda run: len(lines(run)) > 0, 0.3),
    "checkpoint": (is_writing, 0),
    "validation": (lambda run: last(run).get("kind") == "train" and last(run)["epoch"] % 1 == 0, 0),
    # All steps are done; replaced by the epochs of the system.
    "evaluation": (None, 0.02),
    "report": (lambda run: last(run).get("kind") == "evaluation" or any((run / "figures").glob("*")), 0.05),
}
STAGES = {
    "start": TRAINING["start"],
    "first stage": (lambda run: len(lines(run / "encoder")) > 0, 0.3),
    "end of the first stage": (lambda run: (run / "encoder/report.html").exists(), 0.02),
    "change of stages": (lambda run: states(run)[:1] == ["finished"], 0.01),
    "later stages": (lambda run: len(lines(run / "regression")) > 0, 0.2),
    "assembly": (lambda run: set(states(run)) == {"finished"}, 0.02),
    "report": (lambda run: any((run / "figures").glob("*")), 0.05),
}
CHAINS = {
    "start": TRAINING["start"],
    "warm-up": (lambda run: steps(run) >= 50, 0.02),
    "sampling": (lambda run: steps(run) > 100, 0.3),
    "report": (lambda run: (run / "samples.npy").exists(), 0.05),
}
FITS = {name: TRAINING[name] for name in ("start", "directory", "checkpoint")} | {"report": CHAINS["report"]}


def phases(name):
    """The phases of a system: for each a predicate of its run, and the most seconds to wait once it holds."""
    if name == "vae-asl":
        return STAGES
    if name.startswith("infer"):
        return CHAINS if "hmc" in name else FITS
    epochs = int(SYSTEMS[name][SYSTEMS[name].index("--epochs") + 1])
    return {**TRAINING, "evaluation": (lambda run: last(run).get("epoch", 0) >= epochs, TRAINING["evaluation"][1])}


def run(options, shop, keep):
    names = options.systems.split(",") if options.systems else list(SYSTEMS)
    plan = [(name, phase) for name in names for phase in phases(name)]
    for index in range(options.first - 1, options.count):
        name, phase = plan[index % len(plan)]
        seed = options.seed * 1_000_000 + index
        result = None
        # A phase of a few milliseconds may be missed.
        for attempt in range(20):
            rng = random.Random(f"{seed}-{attempt}")
            result = trial(shop, name, phases(name)[phase], rng, shop.reference(name)[0])
            if result:
                break
        keep({
            "system": name, "phase": phase, "seed": seed,
            **(result or {"passed": False, "outcome": "the phase was never met"})})


def trial(shop, name, phase, rng, expected):
    """One signal; None if the command was over before the phase could be met."""
    run = shop.path / "broken"
    remove(run)
    reached, delay = phase
    process = shop.start(shop.onward(name, run))
    while process.poll() is None and not reached(run):
        time.sleep(0.0002)
    time.sleep(rng.uniform(0, delay))
    if not kill(process, 15):
        finished(process)
        return None
    began = time.monotonic()
    code, output, errors = finished(process)
    seconds = round(time.monotonic() - began, 3)
    problem = None
    # Before the tool listens the signal ends it at once; behind the last step it writes the report and ends well.
    if code not in (-15, 0, 143):
        problem = f"ended with {code}: {errors.strip()}"
    elif code == 143 and "go on with" not in output + errors:
        problem = f"did not say how to go on: {output.strip()} {errors.strip()}"
    elif seconds > PATIENCE:
        problem = f"took {seconds} seconds to leave"
    else:
        again, _, errors = shop.run(shop.onward(name, run))
        problem = f"went on with {again}: {errors.strip()}" if again else difference(contents(run), expected)
    return {"code": code, "leaving_seconds": seconds, "passed": problem is None, "outcome": problem or "identical"}
