"""Inputs, outputs and metadata of the jobs that make a picture."""

from pathlib import Path

from reverie.records import source_of

SOFTWARE = "Reverie"  # in the metadata of every picture


def sources(inputs) -> dict[str, Path]:
    """A job's named inputs: asset records and users' files by their role, such as `picture`."""
    return {name: Path(path) for name, path in inputs.items()}


def output_files(outputs) -> dict[str, Path]:
    """A job's named outputs as arguments: its output `picture` is the argument `picture_file`."""
    return {f"{name}_file": Path(path) for name, path in outputs.items()}


def settings_of(name: str, settings: dict, sources: dict[str, Path]) -> dict:
    """A picture's metadata, by which it can be made again: its settings and its inputs' hashes."""
    settings = {key: value for key, value in settings.items() if value is not None}
    hashes = {key: source_of(path)[1]["sha256"] for key, path in sources.items()}
    return {"Software": SOFTWARE, "name": name, "settings": settings, "sha256": hashes}
