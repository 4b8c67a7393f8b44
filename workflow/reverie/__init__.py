"""Reverie: networks that forecast, write and dream."""

import sys


def quiet_interrupt(kind, error, traceback) -> None:
    """Show an exception that ends the process, unless it is Ctrl-C."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)


if sys.argv[:1] == ["-m"]:  # a command, before Python knows its file; its imports take a second
    sys.excepthook = quiet_interrupt
