"""Which models stand in which task."""

import pytest
from reverie.diagnose import models

PLAIN = {"kind": "lstm", "tasks": None, "auxiliary": None}
MODELS = {
    "plain": PLAIN,
    "conditions_only": PLAIN | {"tasks": ["conditions"]},
    "auxiliary": PLAIN | {"auxiliary": "rarer"},
    "persistence": PLAIN | {"kind": "persistence"},
}


@pytest.mark.parametrize(
    ("task", "names"),
    [
        ("conditions", list(MODELS)),
        ("death", ["plain", "auxiliary"]),
        ("labels", ["plain", "conditions_only"]),
    ],
)
def test_models_stand_where_they_have_what_they_need(task, names):
    """Own episodes have no auxiliary labels, and only conditions have a state of the first day."""
    settings = {"diagnose": {"models": MODELS, "select": None}}
    assert list(models.of_task(settings, task)) == names
