"""Tries how reliable the tool is: kills, bad numbers, full disks, signals, two trainers, hostile files, leaks.

    python3 Scripts/campaign kills --tool .build/release/helmholtz --out kills.jsonl
    python3 Scripts/campaign table campaign-*.jsonl

Every part writes a line of JSON for each trial, with its seed, and ends with 1 if a trial did not pass. `table` makes
the tables of docs/reliability.md of them.
"""

import argparse
import importlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

import table
from common import ROOT, Workshop, remove

# The module of each part, and the trials that it makes unless told otherwise.
PARTS = {
    "kills": ("kills", 200), "nan": ("notfinite", 150), "disk": ("disk", 200), "sigterm": ("sigterm", 90),
    "two-trainers": ("trainers", 40), "growth": ("growth", None), "fuzz": ("fuzz", None),
}


def main():
    parser = argparse.ArgumentParser(prog="campaign", description=__doc__.split("\n\n")[0])
    parser.add_argument("part", choices=[*PARTS, "all", "table"])
    parser.add_argument("results", nargs="*", help="of table: the files that parts have written")
    parser.add_argument("--count", type=int, help="number of trials")
    parser.add_argument("--first", type=int, default=1, help="the trial to begin at, of a campaign that was stopped")
    parser.add_argument("--seed", type=int, default=1, help="seed of systems, instants and places")
    parser.add_argument("--tool", default=str(ROOT / ".build/release/helmholtz"), help="the built tool")
    parser.add_argument("--out", help="file that lines of JSON are added to (default: campaign-PART.jsonl)")
    parser.add_argument("--keep", default="campaign-failures", help="directory for the runs of trials that fail")
    parser.add_argument("--systems", help="names of systems, separated by commas")
    parser.add_argument("--targets", help="of fuzz: names of decoders, separated by commas")
    parser.add_argument("--runs", type=int, default=10_000_000, help="of fuzz: executions of each decoder")
    parser.add_argument("--seconds", type=int, default=0, help="of fuzz: most seconds for each decoder, 0 for no limit")
    parser.add_argument("--steps", type=int, default=10_000, help="of growth: steps of each family")
    parser.add_argument("--into", default=str(ROOT / "docs/reliability.md"), help="of table: the document")
    options = parser.parse_args()
    if options.part == "table":
        return table.fill(options.results, options.into)
    failures = sum(carry_out(part, options) for part in (PARTS if options.part == "all" else [options.part]))
    sys.exit(1 if failures else 0)


def carry_out(part, options):
    """Runs a part; returns how many trials did not pass."""
    name, count = PARTS[part]
    module = importlib.import_module(name)
    chosen = argparse.Namespace(**{**vars(options), "count": options.count or count})
    tally = {True: 0, False: 0}
    # Absolute, as stages of a run know each other by their paths.
    directory = Path(tempfile.mkdtemp(prefix="helmholtz-campaign-"))
    with open(options.out or f"campaign-{part}.jsonl", "a") as file:

        def keep(record):
            tally[record["passed"]] += 1
            record = {"part": part, "trial": options.first - 1 + sum(tally.values()), **record}
            file.write(json.dumps(record).replace(f"{directory}/", "") + "\n")
            file.flush()
            words = record.get("system") or record.get("target")
            print(f"{part} {record['trial']}: {words}: {record['outcome']}", flush=True)
            if not record["passed"]:
                save(part, record, directory, options.keep)

        module.run(chosen, keep) if part == "fuzz" else module.run(chosen, Workshop(options.tool, directory), keep)
    remove(directory)
    print(f"{part}: {tally[True]} passed, {tally[False]} did not")
    return tally[False]


def save(part, record, directory, place):
    """Keeps what a trial that failed has left, if it has left a run."""
    run = directory / "broken"
    if run.exists():
        target = Path(place) / f"{part}-{record['trial']}"
        target.parent.mkdir(parents=True, exist_ok=True)
        remove(target)
        shutil.copytree(run, target, symlinks=True)


main()
