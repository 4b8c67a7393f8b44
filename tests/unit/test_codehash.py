"""The code parameter: what changes it, what does not, and what each script reaches."""

import shutil
from pathlib import Path

import pytest
from reverie import codehash

REPOSITORY = Path(__file__).parents[2]
WORKFLOW = REPOSITORY / "workflow"

TRAINING = """
    backend.py checkpoints.py devices.py durations.py errors.py files.py histories.py
    layers.py network_jobs.py recurrent.py tables.py training.py
"""
PICTURES = """
    backend.py devices.py errors.py files.py network_jobs.py pictures/__init__.py
    pictures/files.py pictures/images.py pictures/networks.py
    pictures/octaves.py pictures/squeezenet.py records.py tables.py weights.py
"""
REACHES = {
    # Training must reach neither configuration, assets nor plots: to change those trains nothing.
    "reverie/forecast/scripts/train_forecaster.py": TRAINING
    + """
        forecast/__init__.py forecast/climatology.py forecast/features.py forecast/models.py
        forecast/objective.py forecast/training.py forecast/windows.py
    """,
    "reverie/forecast/scripts/prepare_series.py": """
        archives.py decoding.py durations.py errors.py files.py forecast/__init__.py
        forecast/moisture.py forecast/series.py forecast/table.py forecast/window_checks.py
        forecast/windows.py records.py
    """,
    # Neither Keras nor what networks alone need, and no network reaches what fits alone need.
    "reverie/forecast/scripts/fit_forecaster.py": """
        boosting.py durations.py errors.py forecast/__init__.py forecast/boosting.py
        forecast/climatology.py forecast/fitting.py forecast/kinds.py forecast/regression.py
        forecast/variants.py forecast/window_checks.py forecast/window_features.py
        forecast/windows.py grids.py
    """,
    "reverie/forecast/scripts/blend_forecasts.py": """
        bootstrap.py durations.py errors.py forecast/__init__.py forecast/blending.py
        forecast/evaluation.py forecast/kinds.py forecast/probabilities.py forecast/regression.py
        forecast/trained.py forecast/windows.py histories.py tables.py
    """,
    "reverie/forecast/scripts/evaluate_forecasts.py": """
        bootstrap.py durations.py errors.py forecast/__init__.py
        forecast/evaluation.py forecast/kinds.py forecast/probabilities.py forecast/trained.py
        forecast/windows.py histories.py tables.py
    """,
    "reverie/text/scripts/train_writer.py": TRAINING
    + """
        decoding.py text/__init__.py text/corpus.py text/lstm.py text/models.py
        text/prompts.py text/training.py
    """,
    "reverie/diagnose/scripts/train_diagnoser.py": TRAINING
    + """
        archives.py diagnose/__init__.py diagnose/bins.py diagnose/conditions.py
        diagnose/episodes.py diagnose/features.py diagnose/inputs.py diagnose/networks.py
        diagnose/regression.py diagnose/split.py diagnose/tasks.py diagnose/training.py
        diagnose/variables.py
    """,
    # No network, and of the evaluation nothing: another measure fits nothing anew.
    "reverie/diagnose/scripts/fit_diagnoser.py": """
        archives.py boosting.py diagnose/__init__.py diagnose/bins.py diagnose/boosting.py
        diagnose/conditions.py diagnose/episodes.py diagnose/features.py diagnose/fitting.py
        diagnose/inputs.py diagnose/regression.py diagnose/split.py diagnose/tasks.py
        diagnose/variables.py errors.py
    """,
    # Neither preparation, nor how features are computed, nor the other stage.
    "reverie/describe/scripts/train_aligner.py": TRAINING
    + """
        describe/__init__.py describe/alignment.py describe/alignment_training.py
        describe/dataset.py describe/pairs.py describe/ranking.py describe/regions.py
    """,
    "reverie/describe/scripts/train_describer.py": TRAINING
    + """
        describe/__init__.py describe/dataset.py describe/regions.py describe/words.py
        describe/writer.py describe/writer_training.py
    """,
    # A chart reaches neither configuration, nor the report's templates, nor a network.
    "reverie/forecast/scripts/plot_forecasts.py": """
        bootstrap.py charts.py durations.py errors.py files.py forecast/__init__.py
        forecast/axes.py forecast/charts.py forecast/evaluation.py forecast/kinds.py
        forecast/probabilities.py forecast/trained.py forecast/windows.py histories.py look.py
        tables.py
    """,
    # Neither the embedded samples, nor of style what only dreams need.
    "reverie/dream/scripts/dream.py": PICTURES
    + """
        checkpoints.py dream/__init__.py dream/ascent.py dream/dreams.py
        dream/measures.py
    """,
    "reverie/style/scripts/transfer_style.py": PICTURES
    + """
        style/__init__.py style/losses.py style/transfer.py
    """,
}


@pytest.mark.parametrize("script", REACHES)
def test_what_a_script_reaches(script):
    found = {
        str(path.relative_to(codehash.PACKAGE)) for path in codehash.reached(WORKFLOW / script)
    }
    assert found == set(REACHES[script].split())


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package that may be edited."""
    shutil.copytree(REPOSITORY / "workflow", tmp_path / "workflow")
    monkeypatch.setattr(codehash, "PACKAGE", tmp_path / "workflow" / "reverie")
    monkeypatch.setattr(codehash, "IGNORED", {tmp_path / "workflow" / "reverie" / "jobs.py"})
    codehash.parsed.cache_clear()
    yield tmp_path / "workflow"
    codehash.parsed.cache_clear()


def hash_after(package, script, file, old, new) -> tuple[str, str]:
    """The script's hash before and after an edit of the file."""
    before = codehash.code_hash(package / script)
    path = package / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    codehash.parsed.cache_clear()
    return before, codehash.code_hash(package / script)


@pytest.mark.parametrize(
    ("file", "old", "new", "same"),
    [
        (
            "reverie/training.py",
            "CALL_SECONDS = 1.0  # ",
            "CALL_SECONDS = 1.0   # Another: ",
            True,
        ),
        ("reverie/training.py", '"""Mean loss over', '"""The mean loss over', True),
        ("reverie/training.py", "CALL_SECONDS = 1.0", "CALL_SECONDS = 2.0", False),
        ("reverie/backend.py", "training=True", "training=False", False),
        ("reverie/jobs.py", "NOT_WRITABLE = {", "NOT_WRITABLE = {1, ", True),
        ("reverie/network_jobs.py", "snakemake.threads", "1", False),
        ("reverie/forecast/config.py", "RESERVED = {", "RESERVED = {'x', ", True),
        ("reverie/forecast/plots.py", "DAYS = 10", "DAYS = 11", True),
        ("reverie/forecast/scripts/train_forecaster.py", "[int(", "[1 + int(", False),
    ],
)
def test_what_trains_again(package, file, old, new, same):
    before, after = hash_after(
        package, "reverie/forecast/scripts/train_forecaster.py", file, old, new
    )
    assert (before == after) is same


def test_the_template_belongs_to_the_report(package):
    before, after = hash_after(
        package, "scripts/write_report.py", "reverie/report/page.html", "<main", "<main class='x'"
    )
    assert before != after
