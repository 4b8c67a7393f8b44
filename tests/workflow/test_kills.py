"""Kills and broken inputs in small numbers; `python -m tests.torture` tries them by the hundred."""

import pytest

pytestmark = pytest.mark.faults
KILLS, INPUTS = 24, 24


def test_faults_change_nothing_at_the_end(tmp_path):
    """Jobs, the workflow and Make are killed; the end is that of a quiet run."""
    from tests.torture import kills

    played = kills.torture(tmp_path / "kills", 0, KILLS)
    assert played.faults.total() == KILLS
    assert played.failures == []


def test_broken_inputs_end_in_a_sentence(tmp_path):
    """Or are accepted, with results that mean something."""
    from tests.torture import inputs

    tried = inputs.torture(tmp_path / "inputs", 0, INPUTS)
    assert tried.ends.total() == INPUTS
    assert tried.failures == []
