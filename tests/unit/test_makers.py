"""Where the embedded samples lie."""

import pytest
from reverie.samples import makers


@pytest.mark.parametrize("sample", ["docstrings", "sky", "painting", "meadow", "sentences"])
def test_a_sample_is_written_where_it_is_said_to_lie(tmp_path, sample):
    path = makers.make(sample, tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_small_network_is_in_the_repository_already(tmp_path):
    assert makers.make("squeezenet", tmp_path).stat().st_size > 1_000_000
    assert list(tmp_path.iterdir()) == []
