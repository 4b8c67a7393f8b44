"""The transfers of style on record: how much is left of a loss."""

from reverie.style.report import record as style


def test_the_losses_at_the_last_size():
    one, two = [9.0, 5.0, 4.0], [8.0, 3.0, 2.0]
    assert style.at_last_size(one, 1, 3) == one
    assert style.at_last_size(one, 1, 300) == one  # L-BFGS ended early
    assert style.at_last_size(one + two, 2, 3) == two
    assert style.at_last_size(one[:2] + two, 2, 3) == two
    assert style.at_last_size(one + two[:2], 2, 3) == two[:2]
    assert style.at_last_size(one[:2] + two[:1], 2, 300) == two[:1]
    assert style.at_last_size(one + two[:2] + one, 3, 3) == one
    # Adam, which never ends early, may raise the loss.
    assert style.at_last_size([9.0, 8.0, 7.0, 6.0, 5.0, 5.5], 2, 3) == [6.0, 5.0, 5.5]


def test_how_much_is_left_of_a_loss():
    long = {"left": "10 %", "title": "Night", "whole": False}
    brief = {"left": "40 %", "title": "Day", "whole": True}
    assert style.short([long, long]) == (
        "From step 20 at the last size to the end, the loss falls to 10 % in “Night” and 10 % in “Night”."
    )
    assert style.short([long, brief]).endswith(
        "in “Night”; from the first step at the last size to the end, the loss falls to 40 % in “Day”."
    )
    assert style.left(style.BOOK["first"], style.BOOK["last"]) == "7 %"
    assert style.left(0.0, 0.0) == "–"
