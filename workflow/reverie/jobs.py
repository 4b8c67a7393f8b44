"""What surrounds every job: its log, its record for the provenance, its errors in one sentence."""

import errno
import json
import resource
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from reverie.errors import ReverieError
from reverie.repository import commit

NOT_WRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS}


class Tee:
    """A stream that writes to the console and, without waiting, to the log."""

    def __init__(self, console, log):
        self.console, self.log = console, log

    def write(self, text: str) -> int:
        self.log.write(text)
        return self.console.write(text)

    def flush(self):
        self.console.flush()
        self.log.flush()

    def __getattr__(self, name):
        return getattr(self.console, name)


@contextmanager
def job(snakemake):
    """Run the body of a script of this Snakemake job; gives the record, to which it may add.

    What it prints goes to the console and the rule's log. A ReverieError ends the job with its
    sentence; any other exception with its traceback. The record lies beside the log as .json:
    `rule, wildcards, seconds, max_rss_mb, device, commit, dirty, code`.
    """
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    record = {
        "rule": snakemake.rule,
        "wildcards": dict(snakemake.wildcards.items()),
        "seconds": None,
        "max_rss_mb": None,
        "device": "cpu",
        **commit(),
        "code": snakemake.params.code,
    }
    console = sys.stdout, sys.stderr
    with open(path, "w", buffering=1, encoding="utf-8") as log:
        sys.stdout, sys.stderr = (Tee(stream, log) for stream in console)
        try:
            yield record
        except ReverieError as error:
            print(f"{snakemake.rule}: {error}", file=sys.stderr)
            sys.exit(1)
        except KeyboardInterrupt:
            print(f"{snakemake.rule}: interrupted.", file=sys.stderr)
            sys.exit(130)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
                where = error.filename or "results/"
                print(
                    f"{snakemake.rule}: cannot write {where}: {error.strerror}.",
                    file=sys.stderr,
                )
            else:
                traceback.print_exc()
            sys.exit(1)
        finally:
            sys.stdout, sys.stderr = console
    record["seconds"] = round(time.monotonic() - start, 2)
    record["max_rss_mb"] = peak_memory_mb()
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n")


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
