"""Snakemake without the seconds of its start: a process that has imported it forks for every run.

Each line of its input is a run in JSON: `folder, environment, arguments, output`, the last a file for
what it prints. Each line of its own output is the exit status of one.
"""

import gc
import json
import os
import sys

from snakemake import cli


def become(folder: str, environment: dict[str, str], arguments: list[str], output: str) -> None:
    """Make this process what `python -m snakemake` is when it starts."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0:1] = [folder, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    sys.argv[1:] = arguments
    printed = os.open(output, os.O_WRONLY | os.O_CREAT)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (printed, 1), (printed, 2)):
        os.dup2(source, target)


if __name__ == "__main__":
    cli.get_argument_parser()  # finds and imports the plugins
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            become(**json.loads(line))
            cli.main()  # ends the process
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
