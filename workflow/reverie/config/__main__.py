"""`python -m reverie.config check FILE...` prints the mistakes of configuration files together.

`... schema` prints their JSON schema, `... table` the documentation of all settings.
"""

import sys

from reverie.config import docs, files
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError


def check(*paths: str) -> None:
    """Exit with all mistakes of the files together, before Snakemake reads them."""
    try:
        load(*files.read(paths))
    except (ConfigError, ReverieError) as mistakes:
        sys.exit(str(mistakes))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands = {"schema": docs.schema, "table": docs.table, "check": check}
    if text := commands[command](*arguments):
        print(text)
