"""`make forecast`, `make write` and `make dream`, as people type them."""

import subprocess

import pytest
from checkouts import Checkout, printed, river
from reverie.errors import ReverieError
from reverie.own.__main__ import main, name_of


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Checkout:
    checkout = Checkout(tmp_path_factory.mktemp("own"))
    checkout.make_command("forecast")
    snakemake = checkout.folder / ".venv" / "bin" / "snakemake"
    snakemake.write_text('#!/bin/sh\necho snakemake "$@"\n')
    river(checkout.folder / "river.csv")
    return checkout


@pytest.fixture
def folder(checkout, monkeypatch):
    monkeypatch.chdir(checkout.folder)
    yield checkout.folder
    for overlay in checkout.folder.glob("config/own-*.yaml"):
        overlay.unlink()


def typed(checkout, *arguments, succeeds=True) -> list[str]:
    """The lines that `make` with these arguments printed."""
    process = subprocess.Popen(
        ["make", *arguments],
        cwd=checkout.folder,
        env=checkout.environment(
            PYTHONPATH=str(checkout.folder / "workflow"), TIME="unlike this", TARGET="that"
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return printed(process, succeeds)


def test_make_runs_the_quick_look_with_the_overlay(checkout, folder):
    name = "it's $5,\\ really (m)"
    table = (folder / "river.csv").read_text().replace("level_m", f'"{name}"', 1)
    (folder / "my river.csv").write_text(table)
    series = ["SERIES=my river.csv", f"TARGET={name}", "DELAY=6 hours"]
    lines = typed(checkout, "forecast", *series, "CORES=1", "WITH=config/offline.yaml")
    overlay = folder / "config" / "own-my-river.yaml"
    text = overlay.read_text()
    assert "delay: 6 hours # as you said\n" in text and text in "\n".join(lines)
    assert lines[-2:] == [
        "snakemake --cores 1 --configfile config/quick.yaml config/offline.yaml config/own-my-river.yaml",
        "Its settings: config/own-my-river.yaml; edit them, then repeat the command.",
    ]


def test_a_mistake_is_one_sentence(checkout, folder):
    lines = typed(checkout, "forecast", "SERIES=river.csv", "TARGTE=level_m", succeeds=False)
    assert lines == ["make forecast has no argument TARGTE; did you mean 'TARGET'?"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["forecast"], "make forecast needs a file of yours; say SERIES=river.csv."),
        (["write", "TEXT=gone.txt"], "TEXT: there is no file gone.txt; correct the path."),
        (["dream", "PICTURE=gone.jpg"], "PICTURE: there is no file gone.jpg; correct the path."),
        (["dream", "PICTURE=river.csv", "STYLE=gone.jpg"], "STYLE: there is no file gone.jpg; correct the path."),
    ],
)  # fmt: skip
def test_a_file_that_is_missing(folder, arguments, expected):
    with pytest.raises(ReverieError) as error:
        main(*arguments)
    assert str(error.value) == expected


RIVER = ["forecast", "SERIES=river.csv", "TARGET=level_m"]
BY = "config/own-river.yaml was written by make forecast SERIES=river.csv TARGET=level_m; change it there,"


def test_an_overlay_is_never_overwritten(folder, capsys):
    main(*RIVER)
    assert capsys.readouterr().out == "config/own-river.yaml\n"
    file = folder / "config" / "own-river.yaml"
    edited = file.read_text().replace("clean: true", "clean: false")
    file.write_text(edited)
    for arguments in (RIVER, RIVER[:2]):
        main(*arguments)
        printed = capsys.readouterr()
        assert printed.out == "config/own-river.yaml\n"
        assert printed.err == "Using config/own-river.yaml as it is; to start anew, delete it.\n"
    for other in ("TARGET=rain_mm", "TARGET=level", "DELAY=6 hours"):
        with pytest.raises(ReverieError, match=BY):
            main(*RIVER[:2], other)
    assert file.read_text() == edited
    file.write_text(edited.partition("\n")[2])  # without the line that says for what it was written
    main(*RIVER[:2], "TARGET=rain_mm")
    assert file.read_text() in edited


def test_another_file_of_the_same_name_gets_a_name(folder):
    main(*RIVER)
    (folder / "river.txt").write_text("the river is high. " * 2000)
    with pytest.raises(ReverieError, match=BY):
        main("write", "TEXT=river.txt")
    main("write", "TEXT=river.txt", "NAME=Größe 2")
    assert (folder / "config" / "own-groe-2.yaml").exists()


@pytest.mark.parametrize(
    ("file", "name"),
    [("Café à la mer.JPG", "cafe-a-la-mer"), ("a/b.txt.gz", "b"), ("reka/река.txt", "reka"), ("река.txt", "file")],
)  # fmt: skip
def test_the_overlay_is_named_after_the_file(file, name):
    assert name_of({"TEXT": file}, "TEXT") == name
