"""Tables of results: their digits and line ends, and histories that are read as they were written."""

import pytest
from reverie import histories, tables


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.250000"),
        (-2.123456789, "-2.123457"),
        (0.0, "0.000000"),
        (1.23456789e-9, "1.23457e-09"),
        (-0.0123456789, "-0.0123457"),
        (float("nan"), ""),
        (7, "7"),
    ],
)
def test_a_small_number_keeps_its_digits(tmp_path, value, text):
    tables.write_table(tmp_path / "t.csv", ["x"], [[value, "end"]])
    assert (tmp_path / "t.csv").read_text() == f"x\n{text},end\n"


HISTORY = [
    {"epoch": 1, "loss": 0.5, "val_loss": 1 / 3, "seconds": 9.125},
    {"epoch": 2, "loss": float("nan"), "val_loss": 0.25, "seconds": 10.0},
]


def test_a_history_keeps_its_bytes(tmp_path):
    histories.write_history(tmp_path, HISTORY)
    assert (tmp_path / "history.csv").read_bytes() == (
        b"epoch,loss,val_loss,seconds\r\n"
        b"1,0.500000000,0.333333333,9.12\r\n"
        b"2,nan,0.250000000,10.00\r\n"
    )


def test_a_history_is_read_in_numbers(tmp_path):
    histories.write_history(tmp_path, HISTORY, ["epoch", "val_loss", "seconds"])
    lines = histories.read_history(tmp_path)
    assert lines[0] == {"epoch": 1, "val_loss": 0.333333333, "seconds": 9.12}
    assert histories.best_epoch(lines) == {"epoch": 2, "val_loss": 0.25, "seconds": 10.0}
