"""Faults of many kinds beside `make report`, and then the end of a run that nothing disturbed.

A round begins with a run from which results were taken away, or with no run at all. Faults strike
start after start; one more start, left alone, must then reach the end of the quiet run. The rounds
follow from the seed but for the moments at which processes meet, which are the machine's.
"""

import json
import math
import random
import shutil
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psutil

from tests.checkouts import add_harbour, history, river_checkout
from tests.torture import made
from tests.torture.made import Failed, Make

OVERLAYS = ("river", "tiny", "kills")
RUN = "results/quick-river-tiny-kills"
OVERLAY = """\
parts: [forecast, text, dream]
samples: auto
mirrors: [nowhere]
assets:
  inception_v3: {addresses: []}
  nietzsche: {addresses: []}
forecast:
  steps: 500
  variants:
    mlp: {steps: 500}
text:
  seeds: [0]
  epochs: 2
  steps: 60
  layers: [{LSTM: {units: 8}}]
  sampling: {characters: 40, temperatures: [0.5], epochs: [1]}
dream:
  select: [harbour]
  pictures:
    harbour:
      picture: harbour.jpg
      network: InceptionV3
      layers: {mixed3: 1}
      size: 240
      octaves: 2
      steps: 10
      sheet: {layers: [mixed0, mixed4], size: 190, octaves: 1, steps: 5}
      film: {frames: 6, steps: 2, size: 190}
"""
# What is taken away before a round; None is the whole run.
RESULTS = [
    ["forecast/gru"],
    ["forecast/mlp/seed0", "forecast/gru/seed0/best.weights.h5"],
    ["forecast/series.npz"],
    ["forecast/metrics.csv", "forecast/plots"],
    ["text"],
    ["text/seed0/samples.jsonl", "text/samples.jsonl"],
    ["dream"],
    ["dream/harbour.png", "dream/plots"],
    ["dream/films/harbour.mp4", "dream/sheets"],
    ["provenance.json", "report.html"],
    None,
]
SIGNALS = [signal.SIGKILL, signal.SIGTERM, signal.SIGINT]
VICTIMS = {"job": 8, "snakemake": 3, "make": 2, "group": 3, "second": 1}
PAUSES = (0.2, 5)  # seconds between two faults


def checkout_at(folder: Path):
    """A checkout with the overlays, and with checkpoints twice a second."""
    folder.mkdir()
    checkout = river_checkout(folder)
    (folder / "config" / "kills.yaml").write_text(OVERLAY)
    add_harbour(folder)
    checkout.edit("workflow/reverie/checkpoints.py", "SAVE_SECONDS = 60.0", "SAVE_SECONDS = 0.5")
    return checkout


@dataclass
class Kills:
    """A quiet run, and the checkout in which the rounds are played."""

    folder: Path
    seed: int
    rounds: int = 0
    faults: Counter = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.quiet = checkout_at(self.folder / "quiet")
        self.finish(self.quiet)
        # With the very weights: pictures carry their hash.
        self.noisy = self.quiet.copied_to(self.folder / "noisy")

    def play(self, number: int, at_most: int) -> int:
        """Round ``number``, with at most so many faults; how many there were."""
        self.rounds += 1
        generator = random.Random(f"{self.seed}:{number}")
        gone = generator.choice(RESULTS)
        faults = min(at_most, generator.randint(8, 24))
        said = [f"without {' and '.join(gone) if gone else 'anything'}"]
        try:
            remove(self.noisy.folder / RUN, gone)
            struck = self.disturb(generator, faults, said)
            made.wait_until_alone(self.noisy.folder)
            self.finish(self.noisy)
            assert_equal(self.quiet.folder, self.noisy.folder)
        except Failed as error:
            self.failures.append(f"kills:{number} ({'; '.join(said)}): {error}")
            struck = faults
            made.end_all_in(self.noisy.folder)
            self.renew()
        return struck

    def disturb(self, generator: random.Random, faults: int, said: list[str]) -> int:
        """Start `make report` and let faults strike, until enough have."""
        struck, idle = 0, 0
        while struck < faults and idle < 3:
            before = struck
            run = Make(self.noisy, OVERLAYS, self.folder / "screen.txt")
            interrupted = False
            if generator.random() < 0.8:  # else the start itself may be struck
                run.wait_for_a_job()
            while struck < faults:
                time.sleep(generator.uniform(*PAUSES))
                if not run.at_work():
                    break
                what = self.strike(run, generator)
                if what:
                    struck += 1
                    said.append(what)
                    self.faults[what] += 1
                    interrupted |= "SIGINT" in what
            status = run.wait()
            made.assert_fit_for_eyes(run.printed(), interrupted)
            if status == 0:
                self.assert_done(run)
                idle += struck == before  # it was done before anything struck
                remove(self.noisy.folder / RUN, generator.choice(RESULTS))
            # A person may wait until what was orphaned has ended, or may not.
            if generator.random() < 0.5:
                made.wait_until_alone(self.noisy.folder)
        return struck

    def strike(self, run: Make, generator: random.Random) -> str:
        """One fault, in words; an empty text where there was nobody to meet."""
        victim = generator.choices(list(VICTIMS), VICTIMS.values())[0]
        number = generator.choice(SIGNALS)
        name = victim
        with suppress(psutil.Error, ProcessLookupError):
            if victim == "job":
                jobs = run.jobs()
                if not jobs:
                    return ""
                process, name = generator.choice(jobs)
                process.send_signal(number)
            elif victim == "snakemake":
                process = run.snakemake()
                if process is None:
                    return ""
                process.send_signal(number)
            elif victim == "make":
                run.process.send_signal(number)
            elif victim == "group":
                run.strike_group(number)
            else:
                return self.start_second(run)
            return f"{number.name} to {name}"
        return ""

    def start_second(self, run: Make) -> str:
        """Another `make report` of the same is refused with a sentence, and disturbs nothing."""
        if run.snakemake() is None or not run.jobs():
            return ""
        second = Make(self.noisy, OVERLAYS, self.folder / "second.txt")
        status = second.wait()
        made.assert_fit_for_eyes(second.printed())
        if run.at_work() and status == 0:
            raise Failed(f"a second start beside the first ended with 0:\n{second.printed()}")
        if run.at_work() and not second.last_line().startswith("Another run is at work on "):
            raise Failed(f"a second start beside the first said: {second.last_line()}")
        return "a second start"

    def finish(self, checkout) -> None:
        """One start that nothing disturbs comes to the end."""
        run = Make(checkout, OVERLAYS, self.folder / "screen.txt")
        status = run.wait()
        made.assert_fit_for_eyes(run.printed())
        if status:
            raise Failed(f"a start that nothing disturbed ended with {status}:\n{run.printed()}")
        self.assert_done(run)

    def assert_done(self, run: Make) -> None:
        if run.last_line() != f"The report: {RUN}/report.html":
            raise Failed(f"status 0, but the last line is {run.last_line()!r}")

    def renew(self) -> None:
        """After a failure the next round begins with the quiet run's results."""
        shutil.rmtree(self.noisy.folder / "results")
        shutil.copytree(self.quiet.folder / "results", self.noisy.folder / "results")


def remove(run: Path, names: list[str] | None) -> None:
    for path in [run / name for name in names] if names else [run]:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def assert_equal(quiet: Path, noisy: Path) -> None:
    """The same files with the same bytes, but for times; nothing more and nothing less."""
    files = [
        {path.relative_to(folder).as_posix(): path for path in (folder / RUN).rglob("*")}
        for folder in (quiet, noisy)
    ]
    for what, names in {
        "is missing": files[0].keys() - files[1].keys(),
        "is left over": files[1].keys() - files[0].keys(),
    }.items():
        if names:
            raise Failed(f"{', '.join(sorted(names))} {what}")
    for name, path in files[0].items():
        inside = name.removeprefix(f"{RUN}/")
        if not path.is_file() or not inside.startswith(("forecast", "text", "dream")):
            continue
        other = files[1][name]
        if path.name == "history.csv":
            same = history(path) == history(other)
        else:
            same = path.read_bytes() == other.read_bytes()
        if not same:
            raise Failed(f"{name} differs from the quiet run's")
    jobs = [
        sorted((job["rule"], *map(str, job["wildcards"].values())) for job in facts["jobs"])
        for facts in (
            json.loads((one / RUN / "provenance.json").read_text()) for one in (quiet, noisy)
        )
    ]
    if jobs[0] != jobs[1]:
        raise Failed(f"provenance.json has the jobs {jobs[1]}, not {jobs[0]}")
    if "This run is not finished" in (noisy / RUN / "report.html").read_text():
        raise Failed("report.html says that the run is not finished")


def torture(
    folder: Path,
    seed: int,
    faults: int,
    only: int | None = None,
    hours: float = math.inf,
    say=print,
) -> Kills:
    """Rounds until so many faults have struck or the hours are over, or the one round ``only``."""
    folder.mkdir(parents=True)
    kills, begin = Kills(folder, seed), time.monotonic()
    struck, numbers = 0, count(1) if only is None else [only]
    for number in numbers:
        before = len(kills.failures)
        struck += kills.play(number, faults - struck)
        seconds = time.monotonic() - begin
        say(f"kills: round {number}, {struck} of {faults} faults, {seconds / 60:.1f} min")
        for failure in kills.failures[before:]:
            say(f"FAILED {failure}")
        if struck >= faults or seconds > 3600 * hours:
            break
    return kills
