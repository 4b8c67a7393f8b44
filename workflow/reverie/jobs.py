"""What surrounds every job: its log, its record for the provenance, its errors in one sentence."""

import errno
import json
import os
import resource
import shutil
import signal
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from reverie.errors import ReverieError
from reverie.repository import commit

PARENT = "REVERIE_PARENT"  # environment variable with the process number of the workflow
WATCH_SECONDS = 1.0
NO_MEMORY = "there is not enough memory; choose smaller sizes, batches or networks."
NOT_WRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}


class Tee:
    """A stream that writes to the console and, if the disk is not full, to the log."""

    def __init__(self, console, log):
        self.console, self.log = console, log

    def write(self, text: str) -> int:
        with suppress(OSError):  # the console must show a message about a full disk
            self.log.write(text)
        return self.console.write(text)

    def flush(self):
        self.console.flush()
        with suppress(OSError):
            self.log.flush()

    def __getattr__(self, name):
        return getattr(self.console, name)


@contextmanager
def job(snakemake):
    """Run the body of a script of this Snakemake job; yields the job's record, to which it may add.

    What the body prints goes to the console and the rule's log. A ReverieError ends the job with its
    sentence; any other exception with its traceback. The record is written beside the log as .json:
    `rule, wildcards, seconds, estimate, resumed, max_rss_mb, device, commit, dirty, code`. `resumed` is
    the number of earlier :class:`Attempts`. `seconds` includes theirs, and excludes those that the job
    `waited` for a GPU. `estimate` is None if the rule has none, if the job resumed, or if a smaller
    network stood in.

    A job that trains several `seeds`, which the body puts into the record, has a log for each: each gets
    the same text, and a record of its own, see :func:`of_seeds`.
    """
    end_with_parent(os.environ.get(PARENT))
    path, *others = map(Path, snakemake.log)
    attempts = Attempts(path.with_suffix(".attempts"), snakemake.params.code)
    earlier = attempts.read()
    start = time.monotonic()
    record = {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "seconds": None,
        "estimate": None
        if earlier or has_stand_in(snakemake)
        else snakemake.resources.get("estimated_seconds"),
        "resumed": len(earlier),
        "max_rss_mb": None,
        "device": "cpu",
        **commit(),
        "code": snakemake.params.code,
    }
    console = sys.stdout, sys.stderr
    with writable(snakemake.rule):
        path.parent.mkdir(parents=True, exist_ok=True)
        for file in (path, *others):
            file.with_suffix(".json").unlink(missing_ok=True)
        attempts.write([*earlier, 0])
        log = open(path, "w", buffering=1, encoding="utf-8")  # noqa: SIM115, closed below
    interrupts = []

    def interrupt(*_):
        interrupts.append(True)
        raise KeyboardInterrupt

    handler = signal.signal(signal.SIGINT, interrupt)
    with closed(log):
        sys.stdout, sys.stderr = (Tee(stream, log) for stream in console)
        try:
            yield record
        except ReverieError as error:
            print(f"{snakemake.rule}: {error}", file=sys.stderr)
            sys.exit(1)
        except SystemExit as error:
            if isinstance(error.code, str):  # of a job that was stopped and has its checkpoint
                print(f"{snakemake.rule}: {error.code}", file=sys.stderr)
                sys.exit(1)
            raise
        except (KeyboardInterrupt, Exception) as error:
            # A compiled module that is interrupted while it is imported ends in an ImportError.
            if interrupts or isinstance(error, KeyboardInterrupt):
                print(f"{snakemake.rule}: interrupted.", file=sys.stderr)
                sys.exit(130)
            if out_of_memory(error):
                print(f"{snakemake.rule}: {NO_MEMORY}", file=sys.stderr)
                sys.exit(1)
            with writable(snakemake.rule):
                if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
                    raise
                traceback.print_exc()
            sys.exit(1)
        finally:
            signal.signal(signal.SIGINT, handler)
            sys.stdout, sys.stderr = console
            seconds = time.monotonic() - start - record.get("waited", 0)
            with suppress(OSError):  # the sentence about a full disk stands already
                attempts.write([*earlier, round(seconds, 2)])
    record["seconds"] = round(sum(earlier) + seconds, 2)
    record["max_rss_mb"] = peak_memory_mb()
    with writable(snakemake.rule):
        for file in others:
            shutil.copyfile(path, file)
        for file, facts in zip((path, *others), of_seeds(record), strict=True):
            file.with_suffix(".json").write_text(json.dumps(facts, indent=2) + "\n")
        attempts.file.unlink()


@dataclass(frozen=True)
class Attempts:
    """The attempts at a job that did not end well, in a ``file`` beside the log.

    Snakemake removes the log before it starts a job again, but not this file, which it does not know. It
    holds the seconds of each attempt with the same ``code``; 0 for one that was killed without warning.
    """

    file: Path
    code: str

    def read(self) -> list[float]:
        """The seconds of each."""
        with suppress(OSError, ValueError):
            attempts = json.loads(self.file.read_text())
            if attempts["code"] == self.code:
                return attempts["seconds"]
        return []

    def write(self, seconds: list[float]) -> None:
        """Replace them."""
        self.file.write_text(json.dumps({"code": self.code, "seconds": seconds}) + "\n")


def of_seeds(record: dict) -> list[dict]:
    """The record of each of a job's `seeds`, with its share of the time; the record itself without any.

    Each is as if its seed had trained alone, and lists all that trained `together`.
    """
    seeds = record.pop("seeds", [])
    if len(seeds) < 2:
        return [record]
    times = {
        key: record[key] and round(record[key] / len(seeds), 2) for key in ("seconds", "estimate")
    }
    wildcards = record["wildcards"]
    return [
        record | times | {"wildcards": wildcards | {"seed": str(seed)}, "together": seeds}
        for seed in seeds
    ]


def has_stand_in(snakemake) -> bool:
    """Whether the weights of the job's network are those of a smaller one in its place."""
    record = Path(snakemake.input.get("weights", ""))  # or a folder, of weights that were trained
    return record.suffix == ".json" and json.loads(record.read_text())["sample"]


def failure(rule: str, wildcards: dict, log: str) -> str:
    """The sentence with which a job failed, the last line of its log; or one that says it left none."""
    with suppress(OSError, UnicodeDecodeError):
        last = Path(log).read_text(encoding="utf-8").strip().rpartition("\n")[2]
        if last.startswith(f"{rule}: "):
            return last
    name = " ".join([rule, *(f"{key} {value}" for key, value in wildcards.items())])
    return (
        f"{name} ended without a sentence: it was killed, ran out of memory, or has a fault that "
        f"{log} tells. The same command goes on where it stopped."
    )


def out_of_memory(error: Exception) -> bool:
    """Whether Python, NumPy, TensorFlow or JAX ran out of memory; the last two raise errors of their own."""
    message = f"{type(error).__name__}: {error}"
    exhausted = "ResourceExhausted" in message or "RESOURCE_EXHAUSTED" in message
    return exhausted or isinstance(error, MemoryError)


@contextmanager
def writable(rule: str):
    """End the process with a sentence if the disk is full or may not be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in NOT_WRITABLE:
            raise
        where = error.filename or "results/"
        print(f"{rule}: cannot read or write {where}: {error.strerror}.", file=sys.stderr)
        sys.exit(1)


@contextmanager
def closed(log):
    """Close the log at the end; on a full disk its last lines are lost."""
    try:
        yield
    finally:
        with suppress(OSError):
            log.close()


def end_with_parent(parent: str | None) -> None:
    """Once the process ``parent`` is gone, end this one by SIGTERM, so that it saves first.

    A workflow that is killed cannot end its jobs, and these would go on writing.
    """

    def alive() -> bool:
        try:
            os.kill(int(parent), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    def watch():
        while alive():
            time.sleep(WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    if parent:
        threading.Thread(target=watch, daemon=True).start()


def peak_memory_mb() -> int:
    """Peak resident memory of this process in MB.

    From /proc where there is one: `getrusage` begins with the peak of the process that started it.
    """
    try:
        status = Path("/proc/self/status").read_text()
        kilobytes = int(status.split("VmHWM:")[1].split()[0])
    except (OSError, IndexError):
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(kilobytes / 1024)
