"""The tests of the parts have the fixtures of all tests."""

from fixtures import mirror, trained_run, whole_run  # noqa: F401
