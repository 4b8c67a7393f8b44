"""The part that CONTRIBUTING.md adds as an example: built from the page, and run."""

import csv
import re
from collections import Counter

from checkouts import REPOSITORY, Checkout

TEXT = "The river is high when it rains."
OVERLAY = """\
parts: [letters]
mirrors: [.]
assets: {river: {file: river.txt}}
letters: {asset: river, shown: 3}
"""


def test_the_part_of_the_page_is_built_and_run(tmp_path):
    checkout = Checkout(tmp_path)
    (checkout.folder / "river.txt").write_text(TEXT)
    (checkout.folder / "config" / "river.yaml").write_text(OVERLAY)
    page = (REPOSITORY / "CONTRIBUTING.md").read_text().split("\n## A part\n")[1]
    changed = add_part(checkout, page)
    assert changed == {
        "Snakefile",
        "workflow/reverie/config/model.py",
        "workflow/reverie/report/parts.py",
    }
    printed = checkout.run(overlays=("river",))
    run = checkout.folder / "results" / "river"
    with open(run / "letters" / "counts.csv", newline="") as table:
        counts = [(line["letter"], int(line["count"])) for line in csv.DictReader(table)]
    assert dict(counts) == Counter("theriverishighwhenitrains")
    assert "The report: results/river/report.html" in printed
    report = (run / "report.html").read_text()
    assert "Which letters are frequent?" in report
    shown = re.findall(r'<td class="text">(\w)</td><td>(\d)</td>', report)
    assert [(letter, int(count)) for letter, count in shown] == counts[:3]
    assert checkout.planned(overlays=("river",)) == {}
    (checkout.folder / "config" / "broken.yaml").write_text("letters: {asset: rivr}\n")
    refused = checkout.run(overlays=("river", "broken"), succeeds=False)
    assert "letters.asset: there is no asset 'rivr'; did you mean 'river'?" in refused


def add_part(checkout: Checkout, page: str) -> set[str]:
    """Write the page's files, insert its lines into files that are there; gives the latter."""
    changed, file, anchor = set(), None, None
    for text, code in re.findall(r"(.*?)```\w+\n(.*?)```", page, re.S):
        names = re.findall(r"`([^`\n]+)`", text)
        if "below `" not in text:
            path = checkout.folder / next(name for name in reversed(names) if "letters/" in name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(code)
            continue
        *before, anchor = names
        file = next((name for name in before if (checkout.folder / name).is_file()), file)
        lines = (checkout.folder / file).read_text().splitlines(keepends=True)
        place = [line.rstrip("\n") for line in lines].index(anchor)
        lines.insert(place + 1, code)
        (checkout.folder / file).write_text("".join(lines))
        changed.add(file)
    return changed
