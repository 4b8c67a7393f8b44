"""What a dream or a transfer of style reads, and what it leaves beside its picture."""

from pathlib import Path

from reverie.records import source_of


def sources(inputs) -> dict[str, Path]:
    """Records and files by what they are for, from a job's named inputs."""
    return {name: Path(path) for name, path in inputs.items()}


def output_files(outputs) -> dict[str, Path]:
    """Where to write, as arguments: a job's output `picture` is the argument `picture_file`."""
    return {f"{name}_file": Path(path) for name, path in outputs.items()}


def settings_of(name: str, settings: dict, sources: dict[str, Path]) -> dict:
    """What a picture carries with it, so that it can be made again."""
    chosen = {key: value for key, value in settings.items() if value is not None}
    hashes = {key: source_of(path)[1]["sha256"] for key, path in sources.items()}
    return {"Software": "Reverie", "name": name, "settings": chosen, "sha256": hashes}
