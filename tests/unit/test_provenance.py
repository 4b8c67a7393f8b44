"""What is remembered of a run."""

import json
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from reverie import jobs, provenance
from reverie.checkpoints import Interrupted
from reverie.config import files
from reverie.config.model import load

REPOSITORY = Path(__file__).parents[2]


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
        cwd=folder,
        check=True,
    )


@pytest.fixture
def lecture():
    return load(*files.read([str(REPOSITORY / "config.yaml")])).model_dump(mode="json")


def test_the_lecture_is_what_was_committed(tmp_path, lecture):
    shutil.copy(REPOSITORY / "config.yaml", tmp_path)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "x")
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text().replace("steps: 500", "steps: 7"))
    assert provenance.lecture(file) == lecture


@pytest.mark.parametrize("outer", ["title: A thesis\n", "forecast: 3\n", None])
def test_the_repository_around_does_not_matter(tmp_path, lecture, outer):
    """Unpacked in somebody's thesis, which may have a config.yaml of its own."""
    if outer is not None:
        (tmp_path / "config.yaml").write_text(outer)
        git(tmp_path, "init", "-q")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-qm", "x")
    (tmp_path / "reverie").mkdir()
    shutil.copy(REPOSITORY / "config.yaml", tmp_path / "reverie")
    assert provenance.lecture(tmp_path / "reverie" / "config.yaml") == lecture


def test_machine_and_versions_are_named():
    assert provenance.machine()["cores"] >= 1
    assert provenance.versions().keys() >= {"python", "snakemake", "keras", "numpy"}


class Job:
    """A job as Snakemake describes it to a script."""

    def __init__(self, tmp_path):
        self.log, self.rule = [str(tmp_path / "logs" / "job.log")], "some_rule"
        self.wildcards = {"variant": "gru"}
        self.params = type("Params", (), {"code": "c"})
        self.input, self.resources = {}, {"estimated_seconds": 20}


def test_a_job_leaves_its_log_and_its_record(tmp_path, capsys):
    with jobs.job(Job(tmp_path)) as record:
        print("working")
        record["device"] = "a device"
    assert (tmp_path / "logs/job.log").read_text() == capsys.readouterr().out == "working\n"
    found = json.loads((tmp_path / "logs/job.json").read_text())
    assert found.keys() >= {
        "rule",
        "wildcards",
        "seconds",
        "max_rss_mb",
        "device",
        "commit",
        "dirty",
    }
    assert (found["rule"], found["device"], found["code"]) == ("some_rule", "a device", "c")
    assert found["estimate"] == 20
    assert found["max_rss_mb"] > 10


def test_a_job_that_resumed_tells_how_often_and_has_the_time_of_all_attempts(tmp_path, monkeypatch):
    """As under Snakemake, which removes the log before it starts a job again."""
    file = tmp_path / "logs/job.json"
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(jobs.time, "monotonic", lambda: next(clock))
    results = []
    for error in (None, Interrupted("stopped"), jobs.ReverieError("No rain."), None, None):
        file.with_suffix(".log").unlink(missing_ok=True)
        with suppress(SystemExit), jobs.job(Job(tmp_path)):
            if error:
                raise error
        results.append(json.loads(file.read_text()) if file.exists() else None)
        assert file.with_suffix(".attempts").exists() == (error is not None)
    first, *failed, resumed, last = results
    assert failed == [None, None]
    assert [(done["resumed"], done["estimate"]) for done in (first, resumed, last)] == [
        (0, 20),
        (2, None),
        (0, 20),
    ]
    assert (resumed["seconds"], last["seconds"]) == (30, 10)


@pytest.mark.parametrize(
    ("left", "resumed"),
    [
        ('{"code": "c", "seconds": [0]}', 1),  # of a job that was killed
        ('{"code": "another", "seconds": [5, 0]}', 0),
        ('{"code": "c", "sec', 0),
    ],
)
def test_only_attempts_with_the_same_code_count(tmp_path, left, resumed):
    job = Job(tmp_path)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs/job.attempts").write_text(left)
    with jobs.job(job):
        pass
    assert json.loads((tmp_path / "logs/job.json").read_text())["resumed"] == resumed


def test_waiting_is_no_work(tmp_path, monkeypatch):
    """What a job waited for a GPU would spoil the estimates of later runs."""
    clock = iter([100.0, 160.0])
    job = Job(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(jobs.time, "monotonic", lambda: next(clock))
        with jobs.job(job) as record:
            record |= {"gpu": "0", "waited": 50.0}
    found = json.loads((tmp_path / "logs/job.json").read_text())
    assert (found["seconds"], found["waited"]) == (10, 50)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (jobs.ReverieError("No rain."), "some_rule: No rain."),
        (
            OSError(28, "No space left on device", "x"),
            "some_rule: cannot read or write x: No space left on device.",
        ),
        (KeyboardInterrupt(), "some_rule: interrupted."),
    ],
)
def test_what_goes_wrong_has_one_sentence(tmp_path, capsys, error, sentence):
    with pytest.raises(SystemExit), jobs.job(Job(tmp_path)):
        raise error
    assert capsys.readouterr().err == (tmp_path / "logs/job.log").read_text() == sentence + "\n"
    assert not (tmp_path / "logs/job.json").exists()


def test_a_defect_of_ours_shows_its_traceback(tmp_path, capsys):
    with pytest.raises(SystemExit), jobs.job(Job(tmp_path)):
        raise ZeroDivisionError
    assert "ZeroDivisionError" in (tmp_path / "logs/job.log").read_text()
