"""The conversation with the benchmark runner, shared by every peer.

A peer warms up, prints {"ready": ...}, then runs one round of `--steps` steps for each line `go` on standard
input and prints one JSON line per round. For a line `memory` it prints what a step needs beyond the process at rest,
if it has said how to come to rest. It leaves at the end of the input. With `--rounds N` it takes no input and runs N
rounds by itself.
"""

import argparse
import ctypes
import json
import os
import sys
import time


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--steps", type=int, default=200, help="steps in one round")
    parser.add_argument("--warmup", type=int, default=50, help="steps before the first round")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=0,
                        help="run this many rounds without waiting for `go` (0: wait for it)")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--malloc", choices=["default", "tuned"], default="default",
                        help="tuned: check that the caller has set the MALLOC_* variables (see README.md)")
    return parser


MALLOC = ("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_")


def check_malloc(options):
    """glibc reads the variables before main, so a script can only look whether they are there."""
    missing = [name for name in MALLOC if name not in os.environ]
    if options.malloc == "tuned" and missing:
        sys.exit(f"--malloc tuned: the caller must set {', '.join(missing)}")
    return "tuned" if not missing else "default"


def say(**record):
    print(json.dumps(record), flush=True)


MEMORY_STEPS = 10


def resident(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(key)) * 1024


def step_memory(run, rest):
    """Bytes that become resident in some steps, after all freed memory went back to the system. Linux with glibc."""
    rest()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is the present
    before = resident("VmRSS")
    run(MEMORY_STEPS)
    return resident("VmHWM") - before


def converse(name, options, run, unit="ms_per_step", rest=None, **facts):
    """Warms up, then runs a round per `go`. `run(n)` makes n steps and returns when they are finished.

    `rest()` frees what a step left behind and the next one makes anew, such as gradients.
    """
    facts["malloc"] = check_malloc(options)
    facts["threads"] = options.threads
    facts["batch"] = options.batch
    started = time.perf_counter()
    run(options.warmup)
    say(ready=name, warmup_seconds=round(time.perf_counter() - started, 3), **facts)

    def one_round():
        began = time.perf_counter()
        run(options.steps)
        seconds = time.perf_counter() - began
        say(**{"name": name, unit: round(seconds / options.steps * 1e3, 4)}, steps=options.steps)

    if options.rounds > 0:
        for _ in range(options.rounds):
            one_round()
        return
    for line in sys.stdin:
        if line.strip() == "go":
            one_round()
        elif line.strip() == "memory" and rest is not None:
            say(name=name, step_megabytes=round(step_memory(run, rest) / 1e6, 1))
