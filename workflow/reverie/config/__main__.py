"""`python -m reverie.config check FILE...` prints all mistakes in configuration files, once merged.

`... schema` prints the JSON schema of the configuration, `... table` the documentation of all settings.
"""

import sys

from reverie.config import docs, files
from reverie.config.model import ConfigError, load
from reverie.errors import ReverieError


def check(*paths: str) -> None:
    """Exit with a list of all mistakes in the merged files, if there are any."""
    try:
        load(*files.read(paths))
    except (ConfigError, ReverieError) as mistakes:
        sys.exit(str(mistakes))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    commands = {"schema": docs.schema, "table": docs.table, "check": check}
    if text := commands[command](*arguments):
        print(text)
