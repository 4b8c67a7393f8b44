"""Figures of a stay."""

import json

import pytest
from reverie.diagnose import plots


@pytest.mark.parametrize("name", ["NA", "None", "null"])
def test_names_that_pandas_takes_for_missing_values(tmp_path, name):
    titles = {"labels": {name: {"title": "mild"}, "severe": {"title": "severe"}}}
    (tmp_path / "episodes.json").write_text(json.dumps(titles))
    lines = {
        "hourly": ["episode,hour,label,probability,already,later"]
        + [f"{name},{hour},{label},0.{hour},0,1" for hour in (1, 2) for label in (name, "severe")],
        "measured": ["episode,variable,time,value", f"{name},{name},0.5,141", f"{name},HR,1.5,80"],
        "by_hour": ["hour,micro_auc,macro_auc", "1,0.6,0.5", "2,0.7,0.6"],
        "importance": ["measure,variable,drop,low,high"]
        + [
            f"{measure},{variable},0.1,0.0,0.2"
            for measure in plots.MEASURES
            for variable in (name, "HR")
        ],
    }
    for file, table in lines.items():
        (tmp_path / f"{file}.csv").write_text("\n".join(table) + "\n")
    plots.draw(tmp_path, tmp_path / "plots")
    figures = {file.stem: file.read_text() for file in (tmp_path / "plots").glob("*.svg")}
    assert set(figures) == {"episode", "by_hour", "importance"}
    assert f">{name}<" in figures["episode"] and f">{name}<" in figures["importance"]
    assert ">141<" in figures["episode"] and "nan" not in figures["episode"]
