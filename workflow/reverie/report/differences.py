"""What differs from the lecture's configuration, in rows of plain words."""

from reverie.report.parts import PARTS
from reverie.report.run import Run
from reverie.report.words import entry, plain


def rows(run: Run) -> list[dict]:
    """`path, lecture, here` of each setting that differs and has to do with what ran.

    Nested settings have a row each; a network, picture or file that only one configuration has is a
    single row.
    """
    lines = []
    for path, (there, here) in run.provenance["config_changed"].items():
        if not concerns(run, path):
            continue
        if whole := entry(there) or entry(here):
            added = here is not None
            words = f"{'added' if added else 'removed'}: {plain(whole)}"
            lines.append({"path": path, "lecture": "–", "here": words})
        else:
            before, after = leaves_of(path, there), leaves_of(path, here)
            lines += [
                {"path": leaf, "lecture": plain(before.get(leaf)), "here": plain(after.get(leaf))}
                for leaf in before | after
            ]
    return lines


def leaves_of(path: str, value) -> dict:
    """The settings in a nested setting that have a value, by path."""
    if not isinstance(value, dict):
        return {} if value is None else {path: value}
    leaves: dict = {}
    for key, inner in value.items():
        leaves |= leaves_of(f"{path}.{key}", inner)
    return leaves


def concerns(run: Run, path: str) -> bool:
    """Whether a setting has to do with the parts, networks, pictures and files that the run used."""
    group, _, name = path.partition(".")
    if group in PARTS:
        selected = run.settings.get(group, {}).get("select")
        inside = name.partition(".")[2] if name.startswith(("variants.", "pictures.")) else None
        chosen = not selected or inside is None or any(within(inside, each) for each in selected)
        return group in run.settings["parts"] and chosen
    if group == "assets":
        return any(within(name, asset) for asset in run.assets)
    if group == "weights":
        return any(PARTS[part].pictures for part in run.settings["parts"])
    return True


def within(path: str, name: str) -> bool:
    return f"{path}.".startswith(f"{name}.")
