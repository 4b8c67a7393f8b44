"""Which models stand in which task."""

from pathlib import Path

import pytest
import yaml
from reverie.diagnose import models
from reverie.diagnose.report import published

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


def test_each_row_of_the_slides_table_has_one_model():
    """Variations of ours must not inherit a row, and with it the paper's figures."""
    file = Path(__file__).parents[4] / "config.yaml"
    rows = [
        model.get("slide")
        for model in yaml.safe_load(file.read_text())["diagnose"]["models"].values()
    ]
    assert sorted(filter(None, rows)) == sorted(published.TABLE)
