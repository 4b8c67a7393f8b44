"""What would make a run's results sharper: the next command, and how long it would take."""

import shlex

from reverie import estimates
from reverie.report.parts import PARTS
from reverie.report.run import Run
from reverie.report.verdicts import NO_INTERVAL, NOT_RUN, UNDECIDED

FULL_SEEDS = 3  # of the lecture's configuration


def next_step(run: Run, claims: list[dict]) -> dict | None:
    """`undecided, tested, budget, command, change, time`; None for an unfinished run or a sharp one.

    ``claims`` are those of the report. `command` is None where only the `change` of settings is known,
    and `time` where no job's time is.
    """
    if run.unfinished:
        return None
    full = run.provenance.get("full")
    step = reproduction(run, full) if full else more_seeds(run, claims)
    verdicts = [claim["verdict"] for claim in claims if claim["verdict"] != NOT_RUN]
    return step and {"undecided": verdicts.count(UNDECIDED), "tested": len(verdicts)} | step


def reproduction(run: Run, full: dict) -> dict:
    """After a quick look: the full budget. ``full`` is from `provenance.full_budget`."""
    config, overlays = full["config"], " ".join(full["overlays"])
    command = ["make", "reproduce", *([f"WITH={overlays}"] if overlays else [])]
    seeds = [len(config[part].get("seeds") or []) for part in config["parts"]] if config else []
    budget = f"{counted(max(seeds))} and the full budget" if any(seeds) else "the full budget"
    if config and other_files(run, config):
        budget += " on the lecture’s own files"
    return {
        "command": shlex.join(command),
        "change": None,
        "budget": budget,
        "time": time(run, config, set()),
    }


def more_seeds(run: Run, claims: list[dict]) -> dict | None:
    """After any other run: more seeds for the parts that need them."""
    seeds = {
        part: more(run.settings[part]["seeds"])
        for part in run.settings["parts"]
        if run.settings[part].get("seeds") and needs_seeds(part, run.settings, claims)
    }
    if not seeds:
        return None
    config = {**run.settings}
    for part, numbers in seeds.items():
        config[part] = {**config[part], "seeds": numbers}
    # Seeds that trained together do so again.
    apart = (job for job in run.provenance["jobs"] if not job.get("together"))
    done = {key(job["rule"], job["wildcards"]) for job in apart}
    now = max(len(run.settings[part]["seeds"]) for part in seeds)
    return {
        "command": with_seeds(run.provenance["command"], seeds),
        "change": ", ".join(f"{part}.seeds: {numbers}" for part, numbers in seeds.items()),
        "budget": f"{counted(max(map(len, seeds.values())))} instead of {now}",
        "time": time(run, config, done),
    }


def other_files(run: Run, config: dict) -> bool:
    """Whether a configuration uses real files in place of those of the run."""
    if any(asset["sample"] for asset in run.assets.values()):
        return True
    series, used = (each["forecast"]["series"] for each in (config, run.settings))
    both = "forecast" in run.settings["parts"] and "forecast" in config["parts"]
    return both and not series["path"] and series["asset"] != used["asset"]


def needs_seeds(part: str, settings: dict, claims: list[dict]) -> bool:
    """Whether a part has few seeds, or a claim that is undecided with an interval that seeds may narrow."""
    undecided = any(
        (c["part"], c["verdict"]) == (part, UNDECIDED) and NO_INTERVAL not in c["measured"]
        for c in claims
    )
    return undecided or len(settings[part]["seeds"]) < FULL_SEEDS


def more(seeds: list[int]) -> list[int]:
    """As many seeds as the lecture's configuration has, or twice as many as there are."""
    wanted = FULL_SEEDS if len(seeds) < FULL_SEEDS else 2 * len(seeds)
    new = (seed for seed in range(wanted + max(seeds)) if seed not in seeds)
    return sorted([*seeds, *(next(new) for _ in range(wanted - len(seeds)))])


def with_seeds(command: str, seeds: dict[str, list[int]]) -> str | None:
    """The command with other seeds; None for one that has settings of its own, which would be lost."""
    words = shlex.split(command)
    own = any(word in ("--config", "-C") or word.startswith("--config=") for word in words)
    if words[:1] != ["snakemake"] or own:
        return None
    settings = [f"{part}={{seeds: {numbers}}}" for part, numbers in seeds.items()]
    return shlex.join([*words, "--config", *settings])


def time(run: Run, config: dict | None, done: set) -> dict | None:
    """Seconds `elapsed` until the jobs are done that a configuration adds to those ``done``.

    With `at_once` jobs at a time, one for each `device`, a core or GPU that the run's jobs had, and
    judged by their times; None where no job's time is known.
    """
    gpus = {job["gpu"] for job in run.provenance["jobs"] if job.get("gpu") is not None}
    known = estimates.ratios(run.provenance["jobs"], bool(gpus))
    if not (known and config):
        return None
    jobs = [
        (estimates.identity(rule, wildcards), seconds)
        for part in config["parts"]
        if PARTS[part].jobs
        for rule, wildcards, seconds in PARTS[part].jobs(config, run.folder)
        if key(rule, wildcards) not in done
    ]
    if not jobs:
        return None
    seconds = estimates.corrected(jobs, known)
    at_once = len(gpus) or run.provenance["machine"]["cores"]
    elapsed = estimates.elapsed(seconds, at_once)
    device = "GPU" if gpus else "core"
    return {"elapsed": elapsed, "at_once": at_once, "device": device}


def key(rule: str, wildcards: dict) -> tuple:
    return (rule, *sorted(wildcards.items()))


def counted(seeds: int) -> str:
    return f"{seeds} seed{'s' * (seeds != 1)}"
