"""The one exception whose text is meant for a person."""


class ReverieError(Exception):
    """What was wrong, where, and what to do, in one sentence; shown without a traceback."""
