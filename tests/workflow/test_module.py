"""The workflow as a module of another one."""

import yaml
from checkouts import river_checkout
from reverie.config.files import merged

from tests import forks

SNAKEFILE = """\
configfile: "mine.yaml"


module reverie:
    snakefile:
        "{folder}/Snakefile"
    config:
        config


use rule * from reverie as reverie_*


module another:
    snakefile:
        "{folder}/Snakefile"
    config:
        config | {{"run": "another", "backend": "jax", "together": True}}


use rule * from another as another_*


rule conclude:
    default_target: True
    input:
        rules.reverie_evaluate_forecasts.output.summary,
    output:
        "conclusion.txt",
    run:  # in a process of its own, which reads all of this again, as every job on a cluster does
        best = [line for line in open(input[0]) if "best" in line]
        open(output[0], "w").writelines([*best, *rules.reverie_train_forecaster.output.history])
"""


def test_another_workflow_uses_its_rules(tmp_path):
    """Beside those of another run, whose seeds would train together: here each has a job of its own."""
    (tmp_path / "reverie").mkdir()
    checkout = river_checkout(tmp_path / "reverie")
    mine = tmp_path / "mine"
    mine.mkdir()
    (checkout.folder / "river.csv").rename(mine / "river.csv")
    (mine / "Snakefile").write_text(SNAKEFILE.format(folder=checkout.folder))
    config = {"run": "mine"}
    for name in ("config.yaml", "config/river.yaml", "config/tiny.yaml"):
        config = merged(config, yaml.safe_load((checkout.folder / name).read_text()))
    config = merged(config, {"forecast": {"select": ["mlp"], "seeds": [0, 1]}})
    (mine / "mine.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    command = ["-m", "snakemake", "--cores", "1"]
    status, printed = forks.run(checkout.python, mine, checkout.environment(), command)
    assert status == 0, printed
    *lines, trained = (mine / "conclusion.txt").read_text().splitlines()
    assert trained == "results/mine/forecast/{variant}/seed{seed}/history.csv"
    assert [line.split(",")[:3] for line in lines] == [
        ["mlp", "val", "best"],
        ["mlp", "test", "best"],
    ]
    assert (mine / "results/mine/forecast/mlp/seed0/best.weights.h5").is_file()
    assert not (checkout.folder / "results").exists() or not list(
        (checkout.folder / "results").glob("mine")
    )
