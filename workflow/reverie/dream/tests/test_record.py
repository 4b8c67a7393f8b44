"""The dreams on record."""

from reverie.dream.report import record as dream


def test_the_objective_of_the_first_octave():
    lines = [(1, 4), (1, 5), (2, 3)]
    steps = [
        {"octave": str(octave), "width": "9", "height": str(8 * octave), "loss": str(loss)}
        for octave, loss in lines
    ]
    assert dream.climbed(steps) == "4.00 to 3.00"
    assert dream.first_octave(steps) == "4.00 to 5.00 (9 × 8)"
    # An octave may end before its first step.
    assert (dream.first_octave(steps[2:]), dream.climbed([])) == ("–", "–")
