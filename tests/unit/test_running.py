"""One workflow at a time, and Ctrl-C."""

import subprocess
import sys
from pathlib import Path

import pytest
from reverie import running

PROGRAM = """\
import asyncio, os, signal, time
from reverie import running

running.interrupt_once()

async def interrupted():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.3)  # the signal comes again in here
    print("the loop ended")

try:
    asyncio.run(interrupted())  # outside its loop it may be interrupted
    time.sleep(5)
    print("nothing came")
except KeyboardInterrupt:
    print("interrupted after it")
os.kill(os.getpid(), signal.SIGINT)
time.sleep(0.3)
print("but once")
child = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
os.execvp("python3", ["python3", "-c", child])
"""


def test_ctrl_c_interrupts_once_and_after_the_event_loop():
    """What is started afterwards can be interrupted as usual."""
    done = subprocess.run([sys.executable, "-uc", PROGRAM], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "the loop ended",
        "interrupted after it",
        "but once",
        "True",
    ]


HOLDER = """\
from pathlib import Path
from reverie import running

running.lock(Path("results/quick"))
print(running.os.getpid(), flush=True)
input()
"""


def test_a_lock_has_a_holder_until_its_process_ends(tmp_path, monkeypatch):
    """A run that was planned meanwhile is refused even when the other has ended."""
    monkeypatch.chdir(tmp_path)
    run = Path("results/quick")
    assert running.holder(run) == ""
    command = [sys.executable, "-c", HOLDER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as other:
        process = other.stdout.readline().strip()
        assert running.holder(run) == process == str(other.pid)
        with pytest.raises(SystemExit, match=f"at work on results/quick: process {process}"):
            running.lock(run)
        other.communicate("\n")
    assert running.holder(run) == ""
    with pytest.raises(SystemExit, match=f"at work on results/quick: process {process}"):
        running.lock(run, process)
    running.lock(run)
    running.OPEN.pop().close()
