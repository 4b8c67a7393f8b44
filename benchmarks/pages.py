"""Sections of the pages in docs that commands fill."""

from pathlib import Path

from reverie.files import replacing

END = "<!-- end -->\n"


def section(page: Path, command: str) -> str:
    """What the section that ``command`` fills has now."""
    return page.read_text().partition(begin(command))[2].partition(END)[0]


def fill(page: Path, command: str, text: str) -> None:
    """Replace the section that ``command`` fills; a page without one is left as it is."""
    before, mark, rest = page.read_text().partition(begin(command))
    if mark:
        with replacing(page) as new:
            new.write_text(before + mark + text + END + rest.partition(END)[2])


def begin(command: str) -> str:
    return f"<!-- by {command} -->\n"


def table(rows: list[list[str]]) -> str:
    """Rows of cells in Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
