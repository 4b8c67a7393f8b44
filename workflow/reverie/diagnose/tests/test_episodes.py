"""Reading episodes: what is kept, what is dropped and counted, and what is refused."""

import gzip
import tarfile

import numpy as np
import pytest
from reverie.diagnose import episodes, simulated
from reverie.diagnose.tests.records import OUTCOMES, START, archive, read
from reverie.errors import ReverieError


def test_a_record_becomes_measurements(tmp_path):
    text = "00:00,Weight,71.5\n01:30,HR,80\n26:15,HR,91\n01:30,Na,139\n48:00,HR,77\n"
    cohort, counts = read(
        tmp_path, {"7": text, "3": "10:00,HR,60\n"}, "3,-1,4,9,12,1\n7,11,-1,8,-1,0\n"
    )
    assert cohort.ids.tolist() == ["7", "3"]
    episode, time, value = cohort.of("HR")
    assert episode.tolist() == [0, 0, 0, 1]
    assert time == pytest.approx([1.5, 26.25, 48, 10])
    assert value.tolist() == [80, 91, 77, 60]
    assert cohort.of("HR", 24, 48)[2].tolist() == [91, 77]  # 48:00 belongs to the last hour
    assert cohort.of("Weight")[2].tolist() == [71.5]
    assert len(cohort.of("Lactate")[0]) == len(cohort.of("no such variable")[0]) == 0
    assert cohort.static_names.tolist() == ["Age", "Gender", "Height", "ICUType"]
    assert np.array_equal(cohort.statics[0], [60, 1, np.nan, 3], equal_nan=True)
    assert cohort.outcome("SAPS-I")[0] == 11
    assert np.isnan(cohort.outcome("SOFA")[0])
    assert cohort.outcome(episodes.DEATH).tolist() == [0, 1]
    assert counts["measurements"] == 6


def test_what_is_dropped_is_counted(tmp_path):
    text = (
        "01:00,HR,0\n01:00,,2.9\n02:00,HR,-1\n02:00,pH,735\n03:00,Surprise,4\n03:00,pH,7.35\n"
        "03:30,Surprise,4\n04:00,Temp,-17.8\n"
    )
    records = {"1": text, "2": "", "3": "00:00,Weight,80\n05:00,Weight,81\n", "4": "00:10,HR,80\n"}
    cohort, counts = read(tmp_path, records, "1,1,1,1,1,0\n2,1,1,1,1,0\n3,1,1,1,1,0\n")
    assert cohort.ids.tolist() == ["1"]
    assert counts["without_name"] == 1
    assert counts["missing_values"] == 1
    assert counts["unknown_variables"] == {"Surprise": 2}
    assert counts["beyond_limits"] == {"HR": 1, "pH": 1, "Temp": 1}
    assert counts["without_measurements"] == 2
    assert counts["without_outcomes"] == 1
    assert counts["measurements"] == 1


def test_saved_and_loaded(tmp_path):
    cohort, _ = read(tmp_path, {"1": "01:00,HR,70\n", "2": "02:00,K,4\n03:00,K,4.5\n"})
    cohort.save(tmp_path / "episodes.npz")
    again = episodes.load(tmp_path / "episodes.npz")
    assert again.ids.tolist() == cohort.ids.tolist()
    assert np.array_equal(again.of("K"), cohort.of("K"))
    assert np.array_equal(again.statics, cohort.statics, equal_nan=True)


@pytest.mark.parametrize("length", [30, 200, 400, -20])
def test_a_truncated_archive(tmp_path, length):
    records = {str(number): START.format(number) + "01:00,HR,7\n" * 50 for number in range(40)}
    file = archive(tmp_path / "set.tar.gz", records)
    file.write_bytes(file.read_bytes()[:length])
    with pytest.raises(ReverieError, match="set.tar.gz is not a .* or is damaged; fetch it again"):
        episodes.records(file)


def test_a_truncated_tar_that_was_packed_again(tmp_path):
    records = {str(number): START.format(number) + "01:00,HR,7\n" * 50 for number in range(40)}
    plain = archive(tmp_path / "set.tar", records, mode="w")
    (tmp_path / "set.tar.gz").write_bytes(gzip.compress(plain.read_bytes()[:10_700]))
    with pytest.raises(ReverieError, match="is not a tar archive or is damaged"):
        episodes.records(tmp_path / "set.tar.gz")


def test_an_archive_without_the_records_of_some_outcomes(tmp_path):
    with pytest.raises(
        ReverieError, match="no record of 1 of the 2 stays in .*outcomes.txt, 9 for one"
    ):
        read(tmp_path, {"1": "01:00,HR,70\n"}, "1,1,1,1,1,0\n9,1,1,1,1,0\n")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("01:00,HR,many", "'01:00,HR,many' is not a time, a name and a number"),
        ("01:00,HR", "'01:00,HR' is not"),
        ("01:00,HR,70,80", "'01:00,HR,70,80' is not"),
        ("01:60,HR,70", "'01:60,HR,70' is not"),
        ("soon,HR,70", "'soon,HR,70' is not"),
        ("01:00,HR,inf", "'01:00,HR,inf' is not"),
        ("01:00,HR,", "'01:00,HR,' is not"),
        ("", "'' is not"),
    ],
)
def test_an_unreadable_line(tmp_path, line, sentence):
    """Named by its record and number, wherever it stands."""
    records = {"5": "00:30,HR,60\n", "6": f"00:30,HR,60\n{line}\n02:00,HR,61\n"}
    with pytest.raises(ReverieError) as error:
        read(tmp_path, records)
    assert f"set.tar.gz: set-x/6.txt, line 8: {sentence}" in str(error.value)


def test_records_of_another_kind(tmp_path):
    with pytest.raises(ReverieError, match="set-x/1.txt must begin with 'Time,Parameter,Value'"):
        read(tmp_path, {"1": "01:00,HR,70\n"}, header="time;variable;value\n")


def test_records_with_windows_line_ends(tmp_path):
    text = START.format("1").replace("\n", "\r\n") + "01:00,HR,70\r\n02:00,HR,80"
    table = tmp_path / "outcomes.txt"
    table.write_text(OUTCOMES + "1,1,1,1,1,0\n")
    file = archive(tmp_path / "set.tar.gz", {"1": text}, header="Time,Parameter,Value\r\n")
    cohort, _ = episodes.challenge([(file, table)])
    assert cohort.of("HR")[2].tolist() == [70, 80]


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ("1,1,1,1,1,2\n", "line 2: '2' in column 'In-hospital_death' is no death, 0 or 1"),
        ("1,1,x,1,1,0\n", "line 2: 'x' in column 'SOFA' is no number"),
        ("1,1\n", "line 2: '' in column 'SOFA' is no number"),
    ],
)
def test_outcomes_that_are_none(tmp_path, outcomes, sentence):
    with pytest.raises(ReverieError, match=sentence):
        read(tmp_path, {"1": "01:00,HR,70\n"}, outcomes)


def test_outcomes_without_a_column(tmp_path):
    (tmp_path / "outcomes.txt").write_text("RecordID,SOFA\n1,2\n")
    with pytest.raises(ReverieError, match="has no column 'SAPS-I'"):
        episodes.outcome_table(tmp_path / "outcomes.txt")


def test_the_same_set_twice(tmp_path):
    read(tmp_path, {"1": "01:00,HR,70\n"})
    both = [(tmp_path / "set.tar.gz", tmp_path / "outcomes.txt")] * 2
    with pytest.raises(ReverieError, match="share stays; name each set once"):
        episodes.challenge(both)


def own(folder, table, labels="episode,ill\na,1\nb,0\n"):
    (folder / "table.csv").write_text(table)
    (folder / "labels.csv").write_text(labels)
    return episodes.own(folder / "table.csv", folder / "labels.csv")


def test_tables_of_ones_own(tmp_path):
    """In any order, with times of both kinds; a −1 is a value, and nothing is known at the start."""
    table = "variable,time,value,episode\npulse,26:30,-1,b\npulse,2.5,70,a\nurine,1,9000,a\npulse,1,5,c\n"
    cohort, counts = own(tmp_path, table, "episode,ill\nb,0\na,1\nd,1\n")
    assert cohort.ids.tolist() == ["a", "b"]
    assert cohort.of("pulse")[1].tolist() == [2.5, 26.5]
    assert cohort.of("pulse")[2].tolist() == [70, -1]
    assert cohort.of("urine")[2].tolist() == [9000]
    assert cohort.outcome("ill").tolist() == [1, 0]
    assert cohort.statics.shape == (2, 0)
    assert (counts["without_measurements"], counts["without_outcomes"]) == (1, 1)


def test_spaces_after_commas_mean_nothing(tmp_path):
    lines = "episode, time, variable, value\na, 0:15, pulse, 70\na,1, pulse ,80\nb, 2.5,pulse,5\n"
    cohort, _ = own(tmp_path, lines, "episode, ill\n a, 1\nb, 0\n")
    assert cohort.ids.tolist() == ["a", "b"] and cohort.variables.tolist() == ["pulse"]
    assert cohort.of("pulse")[1].tolist() == [0.25, 1, 2.5]


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("episode,time,value\na,1,2\n", "has no column 'variable'"),
        ("episode,time,variable,value\na,1,x,2\na,1,x,much\n", "line 3: 'much' in column 'value'"),
        ("episode,time,variable,value\na,late,x,2\n", "line 2: 'late' in column 'time' is no time"),
        ("episode,time,variable,value\na,-1,x,2\n", "line 2: '-1' in column 'time'"),
        ("episode,time,variable,value\na,1,,2\n", "line 2: '' in column 'variable'"),
        ("episode,time,variable,value\nz,1,x,2\n", "No episode has both measurements and labels"),
        ("", "cannot be read as a table"),
        ("episode,time,variable,value\na,1,x,1,9\na,2,x,3,7\n", "cannot be read as a table"),
        ("episode,time,variable,value\n\na,1,x,2\n\na,1,x,y\n", "line 5: 'y' in column 'value'"),
    ],
)
def test_a_table_of_ones_own_that_is_none(tmp_path, table, sentence):
    with pytest.raises(ReverieError, match=sentence):
        own(tmp_path, table)


@pytest.mark.parametrize(
    ("labels", "sentence"),
    [
        ("episode\na\n", "needs a column for each label"),
        ("name,ill\na,1\n", "has no column 'episode'"),
        ("episode,ill\na,1\nb,2\n", "line 3: '2' in column 'ill' is no label, 0 or 1"),
        ("episode,ill\na,1,0\n", "cannot be read as a table"),
        ("episode,ill, ill\na,1,0\n", "has two columns 'ill'; rename one"),
        ("episode,ill\na,1\na,0\n", "line 3: 'a' in column 'episode' is no new episode"),
    ],
)
def test_labels_of_ones_own_that_are_none(tmp_path, labels, sentence):
    with pytest.raises(ReverieError, match=sentence):
        own(tmp_path, "episode,time,variable,value\na,1,x,2\n", labels)


def test_the_simulated_stays_are_a_table_of_ones_own(tmp_path):
    """The same each time; who is ill differs in what the disease is known for, and is measured more."""
    for name in ("one", "two"):
        simulated.write(tmp_path / f"{name}.csv.gz", tmp_path / f"{name}.csv", stays=400)
    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()
    cohort, counts = episodes.own(tmp_path / "one.csv.gz", tmp_path / "one.csv")
    assert len(cohort) == 400
    assert counts["measurements"] == counts["lines"] > 40_000
    ill = cohort.outcome("kidney_failure").astype(bool)
    assert np.allclose(cohort.outcomes[:, :3].mean(axis=0), simulated.SHARES, atol=0.06)
    episode, _, value = cohort.of("Creatinine", 24)
    assert value[ill[episode]].mean() > value[~ill[episode]].mean() + 1


def test_the_real_records(mirror):
    """The third set of the Challenge."""
    archive = mirror / "physionet2012_set-c.tar.gz"
    if not archive.is_file():
        pytest.skip("the records are not in the mirror")
    cohort, counts = episodes.challenge([(archive, mirror / "physionet2012_outcomes-c.txt")])
    assert counts["without_name"] == 2403
    assert len(cohort) + counts["without_measurements"] == 4000
    assert len(cohort.variables) == 37
    assert cohort.outcome(episodes.DEATH).sum() == 585
    assert cohort.of("HR")[2].mean() == pytest.approx(87, abs=2)


def test_a_file_that_is_no_archive(tmp_path):
    (tmp_path / "set.tar.gz").write_bytes(gzip.compress(b"a page, not an archive" * 100))
    with pytest.raises(ReverieError, match="is not a tar archive or is damaged"):
        episodes.records(tmp_path / "set.tar.gz")
    with tarfile.open(tmp_path / "none.tar.gz", "w:gz"):
        pass
    with pytest.raises(ReverieError, match="holds no record"):
        episodes.records(tmp_path / "none.tar.gz")
