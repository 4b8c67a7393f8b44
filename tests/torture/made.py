"""`make` in a checkout as people type it: started, watched, killed, judged by what it printed."""

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psutil

LIMIT = 300  # seconds after which a start counts as hanging
MEMORY = 8_000_000  # kB of data for each process, of which none of ours needs a quarter
FORBIDDEN = {
    "a traceback": r"Traceback \(most recent call last\)",
    "a type of NumPy": r"\bnp\.(float|int|bool|str|True|False)",
    "an abort": r"Aborted|core dumped|Segmentation fault|terminate called|Check failed:",
    "Snakemake's advice to unlock": r"--unlock",
}


class Failed(AssertionError):
    """Something happened that must not; the message says what."""


class Make:
    """`make report WITH=…` in a checkout, in a process group of its own.

    What it prints goes to the file ``screen``.
    """

    def __init__(self, checkout, overlays, screen: Path, cores: int | str = 2):
        self.checkout, self.screen = checkout, screen
        command = checkout.make_command("report", overlays)
        with open(screen, "w") as file:
            self.process = subprocess.Popen(
                # Within a limit, so that an input that asks for all memory harms nobody else.
                ["sh", "-c", f'ulimit -d {MEMORY}; exec "$@"', "sh", *command, f"CORES={cores}"],
                cwd=checkout.folder,
                env=checkout.environment(PYTHONPATH=str(checkout.folder / "workflow")),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def at_work(self) -> bool:
        return self.process.poll() is None

    def wait(self, limit: float = LIMIT) -> int:
        """The status with which it ended; a hang is a failure, and is ended."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            end_all_in(self.checkout.folder)
            raise Failed(f"a hang of {limit:.0f} s:\n{self.printed()[-2000:]}") from None

    def printed(self) -> str:
        return self.screen.read_text(errors="replace")

    def last_line(self) -> str:
        """The last line on the screen but for Make's own."""
        lines = [line.strip() for line in self.printed().splitlines()]
        return next((x for x in reversed(lines) if x and not x.startswith("make: ")), "")

    def snakemake(self) -> psutil.Process | None:
        """The workflow's process, if it has begun."""
        return next((p for p in self.children() if "bin/snakemake" in " ".join(p[1][:3])), [None])[
            0
        ]

    def jobs(self) -> list[tuple[psutil.Process, str]]:
        """The scripts of rules that are at work, and their rules."""
        found = []
        for process, words in self.children():
            if "python" in words[0] and "/scripts/tmp" in words[-1]:
                found.append((process, words[-1].rpartition(".")[0].rpartition(".")[2]))
        return found

    def wait_for_a_job(self) -> None:
        """Until a job is at work, or everything has ended."""
        end = time.monotonic() + LIMIT
        while self.at_work() and not self.jobs() and time.monotonic() < end:
            time.sleep(0.05)

    def children(self) -> list[tuple[psutil.Process, list[str]]]:
        found = []
        with suppress(psutil.Error):
            for process in psutil.Process(self.process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    words = process.cmdline()
                    if words:
                        found.append((process, words))
        return found

    def strike_group(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def at_work_in(folder: Path) -> list[psutil.Process]:
    """Processes that have ``folder`` as their working directory."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def wait_until_alone(folder: Path, limit: float = LIMIT) -> None:
    """Jobs end with their workflow, and an orphaned workflow when it is done."""
    end = time.monotonic() + limit
    while left := at_work_in(folder):
        if time.monotonic() > end:
            told = [" ".join(process.cmdline())[-200:] for process in left]
            end_all_in(folder)
            raise Failed(f"processes that did not end with their workflow: {told}")
        time.sleep(0.1)


def end_all_in(folder: Path) -> None:
    for process in at_work_in(folder):
        with suppress(psutil.Error):
            process.send_signal(signal.SIGKILL)


def assert_fit_for_eyes(printed: str, interrupted: bool = False) -> None:
    """Nothing was printed that no user should see.

    Where Ctrl-C was sent, Python's own last word on it, KeyboardInterrupt, may be there: as its
    traceback's last line or, where a second Ctrl-C fell into the traceback, as that object's type.
    """
    for what, pattern in FORBIDDEN.items():
        for match in re.finditer(pattern, printed):
            rest = printed[match.start() :]
            last_word = r"Traceback.*?\n(object type name: )?KeyboardInterrupt\b"
            if interrupted and re.match(last_word, rest, re.DOTALL):
                continue
            raise Failed(f"{what} on the screen:\n{rest[:3000]}")
