"""Makes the tables of docs/reliability.md out of the lines that the parts have written."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path


def fill(results, document):
    """Puts each table between its marks, `<!-- table: PART -->` and `<!-- end -->`, and leaves those without results."""
    parts = defaultdict(list)
    for path in results:
        for line in Path(path).read_text().splitlines():
            record = json.loads(line)
            parts[record["part"]].append(record)
    text = Path(document).read_text()
    for name, rows in tables(parts).items():
        pattern = rf"(<!-- table: {name} -->\n).*?(<!-- end -->)"
        text, count = re.subn(pattern, lambda m: m[1] + rows + m[2], text, flags=re.S)
        if count != 1:
            raise SystemExit(f"{document}: expected one place for the table '{name}', found {count}")
    Path(document).write_text(text)


def tables(parts):
    made = {"summary": page(["part", "trials", "passed"], summary(parts))}
    for name, records in parts.items():
        made[name] = page(*MAKERS[name](records))
    return made


def page(heads, rows):
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(map(str, cells)) + " |\n" for cells in lines)


def number(value):
    return f"{value:,}"


def by(records, *keys):
    """The records that share the values of some keys, in the order in which they come first."""
    groups = defaultdict(list)
    for record in records:
        groups[tuple(record.get(key) for key in keys)].append(record)
    return groups.items()


def passed(records):
    return sum(record["passed"] for record in records)


def summary(parts):
    return [
        [title, number(len(parts[name])), number(passed(parts[name]))]
        for name, title in TITLES.items() if name in parts and name != "fuzz"
    ] + [
        [f"{TITLES['fuzz']}: targets with {number(records[0]['asked'])} executions", len(by(records, "target")),
         sum(total >= records[0]["asked"] and clean for _, total, clean in executions(records))]
        for records in [parts.get("fuzz")] if records
    ]


def kills(records):
    stages = ["nothing", "configuration", "checkpoint", "figures", "report"]
    rows = []
    for (system,), trials in [*by(records, "system"), (("all",), records)]:
        found = Counter(kill["found"] for trial in trials for kill in trial["kills"])
        system = f"`{system}`" if system != "all" else system
        rows.append([system, len(trials), sum(found.values()), *(found[s] for s in stages), passed(trials)])
    return ["system", "trials", "kills", *(f"found: {s}" for s in stages), "identical"], rows


def not_finite(records):
    systems = [system for (system,), _ in by(records, "system")]
    rows = []
    for (kind,), trials in [*by(records, "kind"), (("all",), records)]:
        cells = [[t for t in trials if t["system"] == system] for system in systems]
        rows.append([kind, *(f"{passed(c)} of {len(c)}" for c in cells), f"{passed(trials)} of {len(trials)}"])
    return ["how", *(f"`{system}`" for system in systems), "named"], rows


def disk(records):
    rows = []
    for (kind, system), trials in by(records, "kind", "system"):
        rows.append([kind, f"`{system}`", len(trials), sum(bool(t["sentence"]) for t in trials), passed(trials)])
    return ["what fails", "system", "trials", "ended by it", "passed"], sorted(rows, key=lambda row: row[:2])


def sigterm(records):
    rows = []
    for (system, phase), trials in by(records, "system", "phase"):
        codes = Counter(trial.get("code") for trial in trials)
        rows.append([f"`{system}`", phase, len(trials), codes[143], codes[-15], codes[0], passed(trials)])
    return [
        "system", "phase", "trials", "stopped with 143", "ended before it listened", "came to its end", "identical"], rows


def trainers(records):
    rows = [
        [f"`{system}`", f"two `{kind}`", len(trials), passed(trials)]
        for (system, kind), trials in by(records, "system", "kind")]
    return ["system", "commands", "trials", "passed"], rows


def executions(records):
    for (target,), calls in by(records, "target"):
        yield target, sum(call["executions"] for call in calls), all(call["passed"] for call in calls)


def fuzz(records):
    rows = [
        [f"`{target}`", number(total), "none" if clean else "see below"]
        for target, total, clean in executions(records)]
    return ["target", "executions", "findings"], rows


def growth(records):
    def size(value):
        return "" if value is None else f"{value / 2**20:.1f}"

    rows = [
        [f"`{r['system']}`", number(r.get("steps", 0)), size(r.get("before")), size(r.get("after")),
         "yes" if r["passed"] else "no"] for r in records]
    return ["system", "steps", "second tenth, MiB", "last tenth, MiB", "passed"], rows


TITLES = {
    "kills": "kills at random instants", "nan": "numbers that are not finite", "disk": "full and read-only disks",
    "sigterm": "SIGTERM in each phase", "two-trainers": "two trainers on a run",
    "growth": "steps without growth", "fuzz": "hostile files",
}
MAKERS = {
    "kills": kills, "nan": not_finite, "disk": disk, "sigterm": sigterm, "two-trainers": trainers, "growth": growth,
    "fuzz": fuzz,
}
