"""SIGKILL at random instants: the run goes on, and must end as the unbroken one."""

import random
import time

from common import SYSTEMS, contents, difference, finished, kill, remove, stage_of

# Every seventh trial dies in the first milliseconds, every third more than once.
START_UP, EARLIEST = 1 / 7, 0.03
REPEATED, MOST = 1 / 3, 5


def run(options, shop, keep):
    names = options.systems.split(",") if options.systems else list(SYSTEMS)
    for index in range(options.first - 1, options.count):
        name, seed = names[index % len(names)], options.seed * 1_000_000 + index
        keep({"system": name, "seed": seed, **trial(shop, name, random.Random(seed), *shop.reference(name))})


def trial(shop, name, rng, expected, seconds):
    """Kills a run once or more; instants at which it was over already are drawn anew."""
    run = shop.path / "broken"
    remove(run)
    wanted = rng.randint(2, MOST) if rng.random() < REPEATED else 1
    kills = []
    while len(kills) < wanted:
        instant = rng.uniform(0, EARLIEST if rng.random() < START_UP else seconds)
        process = shop.start(shop.onward(name, run))
        time.sleep(max(0, process.began + instant - time.monotonic()))
        hit = kill(process)
        code, _, errors = finished(process)
        if hit and code == -9:
            kills.append({"instant": round(instant, 4), "found": stage_of(run)})
        elif code != 0:
            return outcome(kills, run, f"went on with {code}: {errors.strip()}")
        elif not kills:
            remove(run)
        else:
            break
    code, _, errors = shop.run(shop.onward(name, run))
    if code != 0:
        return outcome(kills, run, f"went on with {code}: {errors.strip()}")
    return outcome(kills, run, difference(contents(run), expected))


def outcome(kills, run, problem):
    leftovers = len(list(run.rglob("*.partial")))
    return {
        "kills": kills, "leftovers": leftovers, "passed": problem is None, "outcome": problem or "identical"}
