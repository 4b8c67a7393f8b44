"""What the workflow itself costs: how cost grows, and what goes to starting and importing."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter

import yaml

from benchmarks import runs
from benchmarks.rounds import Row
from benchmarks.runs import NOWHERE, REPOSITORY, RUN, SAMPLES

WORKFLOW = REPOSITORY / "workflow"
SIZES = 1, 2, 4
STEPS = 300


def growth() -> list[Row]:
    """Core-seconds at three sizes: 1 is a cost that grows in proportion, apart from what is fixed."""
    gru = yaml.safe_load((REPOSITORY / "config.yaml").read_text())["forecast"]["variants"]["gru"]
    copies = {f"gru_{number}": gru for number in range(max(SIZES))}
    one = {"select": ["gru"], "steps": STEPS, "max_epochs": 1}
    asked = {
        "steps": [one | {"steps": size * STEPS} for size in SIZES],
        "seeds": [one | {"seeds": list(range(size))} for size in SIZES],
        "variants": [one | {"variants": copies, "select": list(copies)[:size]} for size in SIZES],
    }
    found = []
    for what, sizes in asked.items():
        print(f"costs: {what} ...", file=sys.stderr, flush=True)
        spent = [runs.forecast(changes) for changes in sizes]
        small, middle, large = (one["itself"] + one["jobs"] for one in spent)
        told = f"core-seconds at {', '.join(map(str, SIZES))} times the {what}: {small:.0f}, {middle:.0f}, {large:.0f}; 1 is linear"
        found.append(Row(told, "", None, (large - middle) / (middle - small) / 2, asked="1"))
    return found


def imports(rule: str) -> float:
    """Core-seconds of a job of this rule that does nothing but start and import."""
    rules = "".join(file.read_text() for file in (WORKFLOW / "rules").glob("*.smk"))
    script = re.search(rf"rule {rule}:.*?scripts/(\w+\.py)", rules, re.DOTALL)[1]
    tree = ast.parse((WORKFLOW / "scripts" / script).read_text())
    lines = [ast.unparse(n) for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
    code = [*lines, "import time", "print(time.process_time())"]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(code)], capture_output=True, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def overhead() -> list[Row]:
    """The quick look, from samples: the share of its core-seconds that starts, imports and schedules."""
    print("costs: the quick look ...", file=sys.stderr, flush=True)
    quick = yaml.safe_load((REPOSITORY / "config" / "quick.yaml").read_text())
    lecture = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
    nowhere = {"assets": {name: NOWHERE for name in lecture["assets"]}}
    runs.prepare()
    spent = runs.snakemake(quick | SAMPLES | nowhere)
    records = [json.loads(file.read_text()) for file in RUN.glob("logs/**/*.json")]
    rules = Counter(record["rule"] for record in records if "rule" in record)
    starting = sum(number * imports(rule) for rule, number in rules.items())
    whole = spent["itself"] + spent["jobs"]
    return [
        Row(f"the quick look from samples, {rules.total()} jobs", "s", None, spent["seconds"]),
        Row("its core-seconds", "s", None, whole),
        Row(
            "of which start, import, schedule",
            "%",
            None,
            100 * (spent["itself"] + starting) / whole,
            asked="15",
        ),
    ]


def rows(count: int) -> list[Row]:
    read = runs.prepare()["seconds"]
    found = [Row("reading and preparing the full-size weather", "s", None, read, asked="3")]
    return found + growth() + overhead()
