"""Two trainers on one run at the same moment: one goes on, the other is refused in a sentence."""

import random
import time

from common import SYSTEMS, contents, difference, finished, kill, remove

REFUSALS = (
    "another process is training in this run directory\n",
    "the directory holds a run already; continue it with 'helmholtz resume' or name another one\n")
# Seconds that the second comes after the first, at most.
LAG = 0.2


def run(options, shop, keep):
    names = options.systems.split(",") if options.systems else [n for n in SYSTEMS if not n.startswith("infer")]
    for index in range(options.first - 1, options.count):
        name, begins = names[index % len(names)], index // len(names) % 2 == 0
        seed = options.seed * 1_000_000 + index
        problem = trial(shop, name, begins, random.Random(seed), *shop.reference(name))
        keep({
            "system": name, "kind": "train" if begins else "resume", "seed": seed, "passed": problem is None,
            "outcome": problem or "one refused, one identical"})


def trial(shop, name, begins, rng, expected, seconds):
    """Starts two; returns what went wrong, if anything did."""
    run = shop.path / "broken"
    remove(run)
    while not begins and not (run / "config.yaml").exists():
        process = shop.start(shop.onward(name, run))
        while process.poll() is None and not (run / "config.yaml").exists():
            time.sleep(0.001)
        time.sleep(rng.uniform(0, seconds / 4))
        kill(process)
        finished(process)
        if (run / "report.html").exists():
            remove(run)
    command = shop.onward(name, run)
    first = shop.start(command)
    time.sleep(rng.choice((0, rng.uniform(0, LAG))))
    second = shop.start(command)
    ends = [finished(first), finished(second)]
    codes = sorted(code for code, _, _ in ends)
    if codes != [0, 1]:
        return f"ended with {codes}: {' / '.join(errors.strip() for _, _, errors in ends)}"
    refusal = next(errors for code, _, errors in ends if code == 1)
    if not refusal.endswith(REFUSALS):
        return f"refused with: {refusal.strip()}"
    return difference(contents(run), expected)
