"""Who makes the embedded samples, and where they lie."""

import pytest
from reverie.errors import ReverieError
from reverie.samples import makers


@pytest.mark.parametrize("sample", ["docstrings", "sky", "painting", "sheet"])
def test_a_sample_is_written_where_it_is_said_to_lie(tmp_path, sample):
    path = makers.make(sample, tmp_path)
    assert path == makers.path_of(sample, tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_the_small_convnet_is_trained_once_and_a_failure_has_its_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(makers.sys, "executable", "/bin/false")
    with pytest.raises(ReverieError, match="could not be trained: it was ended"):
        makers.make("convnet", tmp_path)
    makers.path_of("convnet", tmp_path).touch()
    assert makers.make("convnet", tmp_path) == makers.path_of("convnet", tmp_path)
