"""One workflow at a time, and Ctrl-C."""

import subprocess
import sys

PROGRAM = """\
import asyncio, os, signal, time
from reverie import running

running.interrupt_once()

async def interrupted():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.3)  # the signal comes again in here
    return "the loop ended"

print(asyncio.run(interrupted()))
try:
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
