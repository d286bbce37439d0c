"""Executions of libFuzzer for each decoder and for YAML, counted by libFuzzer itself."""

import os
import re
import subprocess

from common import ROOT

TARGETS = "idx npy npz safetensors mat csv labels amat norb cifar10 image yaml".split()


def run(options, keep):
    """A record for each target: executions that took place, and what was found. One that fails does not stop the rest."""
    rest = options.targets.split(",") if options.targets else list(TARGETS)
    while rest:
        limits = {"FORMAT": " ".join(rest), "RUNS": str(options.runs), "LIMIT": str(options.seconds)}
        process = subprocess.Popen(
            [str(ROOT / "Fuzz/run")], env={**os.environ, **limits}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace")
        target, finding = None, None
        for line in process.stdout:
            if match := re.match(r"== (\w+): ", line):
                target, finding = match[1], None
            elif match := re.search(r"SUMMARY: (.*)", line):
                finding = match[1].strip()
            elif match := re.match(r"stat::number_of_executed_units: (\d+)", line):
                record = {"target": target, "asked": options.runs, "executions": int(match[1])}
                keep({**record, "passed": finding is None, "outcome": finding or "no finding"})
                rest.remove(target)
        if process.wait() == 0:
            return
        if target is None:
            raise SystemExit("the fuzzers could not be built; 'make fuzz' tells why")
        # Killed from outside it prints no statistics.
        if target in rest:
            keep({"target": target, "asked": options.runs, "executions": 0, "passed": False, "outcome": "no statistics"})
            rest.remove(target)
