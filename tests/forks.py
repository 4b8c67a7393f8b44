"""Python without the seconds of its imports: a process that has Snakemake and Keras forks for each run.

Checkouts run Snakemake in a fork, and Snakemake its jobs there. What people type, such as
`make report`, starts its processes as always.
"""

import atexit
import gc
import json
import os
import runpy
import select
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

IMPORTS = ["altair", "jinja2", "lightgbm", "matplotlib.pyplot", "pandas", "PIL.Image", "pooch"]
IMPORTS += ["pydantic", "scipy.optimize", "scipy.stats", "vl_convert", "yaml"]
if find_spec("tensorflow"):
    IMPORTS.append("keras")  # whose backend is JAX in an environment without it


def run(python: str, folder: Path, environment: dict, arguments: list[str]) -> tuple[int, str]:
    """The exit status of `python *arguments` in the folder, and what it printed, errors included."""
    with tempfile.TemporaryFile() as output:
        streams = [output.fileno()] * 2
        status = status_of(python, str(folder), environment, arguments, streams)
        output.seek(0)
        return status, output.read().decode()


def status_of(
    python: str, folder: str, environment: dict, arguments: list[str], streams: list[int]
) -> int:
    """The exit status alone; ``streams`` are file descriptors of its standard output and error."""
    request = {"folder": folder, "environment": environment, "arguments": arguments}
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.connect("\0" + address(python))
        socket.send_fds(connection, [json.dumps(request).encode()], streams)
        return int(connection.recv(9))


def address(python: str) -> str:
    """Where the process that forks listens; it is started once and serves child processes too."""
    name = f"FORKS_OF_{python}"
    if name not in os.environ:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind("")  # Linux chooses a name, after a null character
            listener.listen()
            os.environ[name] = listener.getsockname()[1:].decode()
            server = subprocess.Popen(
                [python, __file__, str(listener.fileno())],
                stdin=subprocess.PIPE,
                pass_fds=[listener.fileno()],
            )
        atexit.register(server.communicate)  # which ends it
    return os.environ[name]


def load() -> None:
    """Import what Snakemake and jobs import, less the package itself: checkouts have their own."""
    gc.disable()
    # Jobs import Keras with this setting too; what TensorFlow prints meanwhile nobody should see.
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
    stderr = os.dup(2)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    for name in IMPORTS:
        import_module(name)
    os.dup2(stderr, 2)
    from snakemake import cli, script

    cli.get_argument_parser()  # finds and imports the plugins
    script.PythonScript.execute_script = execute_script
    gc.freeze()
    gc.enable()


def execute_script(script, file: str, edit: bool = False) -> None:
    """A job's script as Snakemake starts it, but for the fork."""
    from snakemake.benchmark import benchmarked

    with benchmarked(None, script.bench_record):
        status = status_of(sys.executable, os.getcwd(), dict(os.environ), [file], [1, 2])
    if status:
        raise subprocess.CalledProcessError(status, [sys.executable, file])


def serve(listener: socket.socket) -> list[str]:
    """Fork for each request and tell how the fork ended; returns in the fork, with its arguments."""
    loaded, running = False, {}
    while True:
        ready = select.select([listener, sys.stdin, *running], [], [])[0]
        for ended in running.keys() & ready:
            child, connection = running.pop(ended)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with connection, suppress(OSError):  # who asked may be gone
                connection.sendall(str(status).encode())
            os.close(ended)
        if sys.stdin in ready:
            sys.exit()  # the process that started this one is gone
        if listener in ready:
            if not loaded:
                load()
                loaded = True
            connection = listener.accept()[0]
            request, outputs, _, _ = socket.recv_fds(connection, 1 << 20, 2)
            child = os.fork()
            if not child:
                return become(outputs, **json.loads(request))
            running[os.pidfd_open(child)] = child, connection
            for output in outputs:
                os.close(output)


def become(outputs: list[int], folder: str, environment: dict, arguments: list[str]) -> list[str]:
    """Make this process what `python *arguments` is when it starts."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[1:1] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    streams = [os.open(os.devnull, os.O_RDONLY), *outputs]
    for stream, number in zip(streams, (0, 1, 2), strict=True):
        os.dup2(stream, number)
    os.closerange(3, max(streams) + 1)  # also what the other forks are told by
    return arguments


def leave() -> None:
    """End the process before it tidies up all modules, since that would copy their memory first."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    arguments = serve(socket.socket(fileno=int(sys.argv[1])))
    atexit.register(leave)
    status = 1
    try:
        if arguments[0] == "-m":
            sys.path[0], sys.argv = os.getcwd(), arguments[1:]
            runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        else:
            sys.path[0], sys.argv = os.path.dirname(arguments[0]), arguments
            runpy.run_path(sys.argv[0], run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        raise
