"""Kills and broken inputs by the hundred: `python -m tests.torture --kills 300 --inputs 150`."""
