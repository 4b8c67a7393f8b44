"""What surrounds every job."""

from types import SimpleNamespace

import numpy as np
import pytest
from reverie import jobs


def too_large_for_numpy():
    np.zeros(2**60, np.float32)


def too_large_for_tensorflow():
    import tensorflow

    tensorflow.zeros((2**28, 2**28))


@pytest.mark.parametrize("attempt", [too_large_for_numpy, too_large_for_tensorflow])
def test_a_lack_of_memory_has_its_sentence(tmp_path, capsys, attempt):
    log = tmp_path / "dream.log"
    snakemake = SimpleNamespace(
        rule="dream_picture",
        log=[log],
        wildcards={},
        resources={},
        params=SimpleNamespace(code="x"),
    )
    with pytest.raises(SystemExit) as end, jobs.job(snakemake):
        attempt()
    sentence = (
        "dream_picture: there is not enough memory; choose smaller sizes, batches or networks.\n"
    )
    assert end.value.code == 1
    assert capsys.readouterr().err.endswith(sentence)
    assert log.read_text() == sentence
