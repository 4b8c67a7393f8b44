"""The paper's table: what its models must and can have."""

import pytest
from reverie.diagnose.report.published import MEASURES, TABLE


def test_every_line_of_the_slides_table_has_all_its_figures():
    assert len(TABLE) == 20
    for figures in TABLE.values():
        assert len(figures) == len(MEASURES)
        micro, macro, micro_f1, macro_f1, precision = figures
        assert 0.5 <= macro < micro < 1
        assert 0 < macro_f1 < micro_f1 < 1
        assert precision < micro_f1


@pytest.mark.parametrize("place", range(len(MEASURES)))
def test_the_best_figure_is_an_ensembles(place):
    assert max(TABLE, key=lambda name: TABLE[name][place]) == "Max of LSTM-DO-TR & MLP"
