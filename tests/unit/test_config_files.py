"""Configuration files that are careless or hostile: one sentence with the line, at once."""

import subprocess
import sys

import pytest
from checkouts import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st
from reverie.config import files
from reverie.config.__main__ import check
from reverie.errors import ReverieError

ALIASES = ",".join(["*{0}"] * 10)
LAUGHS = "a: &a [x]\n" + "".join(
    f"{name}: &{name} [{ALIASES.format(before)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{ALIASES.format(before)}]}}\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FEWER = "more than 50,000 values, those repeated by aliases included; write fewer."
FLATTER = "more than 50 levels of nesting; write it flatter."
HOSTILE = {
    "two blocks": (
        "forecast: {delay: 1 hour}\nparts: [text]\nforecast: {batch: 8}\n",
        "line 3: `forecast` was given in line 1 already; put both into one.",
    ),
    "two lists": (
        "parts: [text]\nparts: [dream]\n",
        "line 2: `parts` was given in line 1 already; put both into one.",
    ),
    "two keys inside": (
        "forecast:\n  variants:\n    gru: {epochs: 1}\n    mlp: {epochs: 1}\n    gru: {epochs: 2}\n",
        "line 5: `gru` was given in line 3 already; put both into one.",
    ),
    "two keys in a line": (
        "text: {step: 1, step: 2}\n",
        "line 1: `step` was given in line 1 already; put both into one.",
    ),
    "two keys in JSON": (
        '{\n"parts": ["text"],\n"parts": ["dream"]}',
        "line 3: `parts` was given in line 2 already; put both into one.",
    ),
    "a cycle": ("a: &a\n  b: *a\n", "line 2: *a stands inside of itself; write its values out."),
    "deep": (f"a: {'[' * 5000}{']' * 5000}\n", f"line 1: {FLATTER}"),
    "deep blocks": ("".join(f"{' ' * n}a:\n" for n in range(600)), f"line 50: {FLATTER}"),
    "deep JSON": (f'{{"a": {"[" * 5000}{"]" * 5000}}}', f"line 1: {FLATTER}"),
    "a billion laughs": (LAUGHS, f"line 6: {FEWER}"),
    "a billion merges": (MERGES, f"line 6: {FEWER}"),
    "many digits": (
        f"forecast: {{batch: {'9' * 500}}}",
        "line 1: a number of 500 characters; write it with at most 40.",
    ),
    "more digits than Python reads": (
        f"\n\nrun: {'9' * 5000}",
        "line 3: a number of 5000 characters; write it with at most 40.",
    ),
    "hexadecimal digits": (
        f"run: 0x{'f' * 5000}",
        "line 1: a number of 5002 characters; write it with at most 40.",
    ),
    "a date that is none": (
        "forecast: {split: {train: 2014-13-01}}\n",
        "line 1: 2014-13-01 cannot be read: month must be in 1..12.",
    ),
    "a tag": (
        "run: !!python/object/apply:os.getcwd []\n",
        "line 1: tags such as tag:yaml.org,2002:python/object/apply:os.getcwd are not allowed; "
        "write the value without it.",
    ),
    "a control character": (
        "run: a\nbackend: \x07\n",
        "line 2: the character U+0007 is not allowed; delete it.",
    ),
}
UNREADABLE = {
    "a tab": (
        "text:\n\tstep: 1\n",
        " is not valid YAML near line 2; indent with spaces, not tabs.",
    ),
    "nothing": ("# all commented out\n", " is empty; write settings into it, or leave it out."),
    "a word": ("none\n", " must hold `name: value` settings."),
    "two documents": ("a: 1\n---\nb: 1\n", " is not valid YAML near line 2; correct it there."),
    "a list as a key": ("{[a]: 1}\n", " is not valid YAML near line 1; correct it there."),
    "another file": (
        "x: 1\n" * 200_000,
        " has more than the 500,000 bytes that a configuration may have; is it another file?",
    ),
}
CASES = {name: (text, f", {end}") for name, (text, end) in HOSTILE.items()} | UNREADABLE


@pytest.mark.parametrize(("text", "end"), CASES.values(), ids=CASES)
def test_a_hostile_file_has_its_sentence(tmp_path, text, end):
    file = tmp_path / "own.yaml"
    file.write_text(text)
    with pytest.raises(SystemExit) as error:
        check(str(REPOSITORY / "config.yaml"), str(file))
    assert str(error.value) == f"{file}{end}"


@pytest.mark.parametrize("kind", ["two blocks", "a billion laughs", "deep", "a cycle"])
def test_the_command_that_make_runs_ends_in_one_sentence(tmp_path, kind):
    text, end = CASES[kind]
    file = tmp_path / "own.yaml"
    file.write_text(text)
    done = subprocess.run(
        [sys.executable, "-m", "reverie.config", "check", REPOSITORY / "config.yaml", file],
        env={"PYTHONPATH": str(REPOSITORY / "workflow")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{file}{end}\n")


def test_a_directory_has_its_sentence(tmp_path):
    with pytest.raises(ReverieError, match=r" cannot be read: Is a directory\.$"):
        files.content(tmp_path)


def test_json_with_tabs_is_read_as_snakemake_reads_it(tmp_path):
    from snakemake.common.configfile import load_configfile

    file = tmp_path / "own.json"
    file.write_text('{\n\t"run": "\\ud83d\\ude00",\n\t"x": [1e5,\t-0.5E-3, null, true]\n}')
    settings, lines = files.content(file)
    assert settings == dict(load_configfile(file))
    assert lines["x.1"] == 3


def test_anchors_and_merges_of_yaml_are_read(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a, *a]\n")
    both = {"x": 1, "y": 2}
    settings, _ = files.content(file)
    assert settings == {"a": both, "b": {"x": 1, "y": 3}, "c": [both, both]}


@given(st.text(st.sampled_from("ab012x_:,[]{}&*!|>-\"'#?%@ \n\t\x00<~=."), max_size=60))
def test_whatever_stands_in_a_file_ends_in_a_sentence(tmp_path_factory, text):
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_text(text)
    try:
        settings, lines = files.content(file)
        assert isinstance(settings, dict)
        assert all(0 < line <= text.count("\n") + 1 for line in lines.values())
    except ReverieError as error:
        assert str(error).endswith((".", "?"))
        assert "\n" not in str(error)
