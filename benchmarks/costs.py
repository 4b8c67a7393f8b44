"""What the workflow itself costs: how cost grows, and what goes to starting and importing."""

import ast
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import yaml

from benchmarks import runs
from benchmarks.rounds import Row, measure
from benchmarks.runs import NOWHERE, REPOSITORY, RUN, SAMPLES

WORKFLOW = REPOSITORY / "workflow"
SIZES = 1, 2, 4
STEPS = 300


def growth() -> list[Row]:
    """Core-seconds at three sizes: 1 is a cost that grows in proportion, apart from what is fixed."""
    gru = runs.lecture()["forecast"]["variants"]["gru"]
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
    rules = "".join(file.read_text() for file in WORKFLOW.rglob("*.smk"))
    script = re.search(rf"rule {rule}:.*?code_of\(\"(\S+)\"\)", rules, re.DOTALL)[1]
    tree = ast.parse((WORKFLOW / script).read_text())
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
    nowhere = {"assets": {name: NOWHERE for name in runs.lecture()["assets"]}}
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


def checkpoints() -> dict[str, float]:
    """Share of a training's time that goes to its checkpoints, in per cent, by network.

    One is saved a minute, with the states of now, of the best and of the last epoch, and in the text of
    three that are kept.
    """
    from reverie import backend, layers
    from reverie.checkpoints import SAVE_SECONDS, Checkpoint
    from reverie.forecast import models, variants
    from reverie.text import models as writers

    lecture = runs.lecture()
    networks = {
        name: (models.build(network, 1440, 6, 14, name), network["optimizer"], 3)
        for name, network in variants.networks(lecture).items()
        if network["step"] == "1 hour"
    }
    text = lecture["text"]
    networks["text"] = writers.build(text["layers"], text["window"], 57), text["optimizer"], 6
    found = {}
    for name, (model, optimizer, states) in networks.items():
        loop = backend.loop(
            model, layers.optimizer(optimizer, name), None, None, [], compiled=False
        )
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = Checkpoint(Path(folder))
            seconds = []
            for _ in range(5):
                start = time.perf_counter()
                checkpoint.save(dict.fromkeys(map(str, range(states)), loop.state()), {})
                seconds.append(time.perf_counter() - start)
        found[name] = 100 * statistics.median(seconds) / SAVE_SECONDS
    return found


def saving() -> list[Row]:
    found = measure("costs", "checkpoints")
    most = max(found, key=found.get)
    return [
        Row(
            f"checkpoints, of a training's time, at most ({most})",
            "%",
            None,
            found[most],
            asked="2",
        )
    ]


def rows(count: int) -> list[Row]:
    read = runs.prepare()["seconds"]
    found = [Row("reading and preparing the full-size weather", "s", None, read, asked="3")]
    return found + saving() + growth() + overhead()


if __name__ == "__main__":
    print(json.dumps(checkpoints()))
