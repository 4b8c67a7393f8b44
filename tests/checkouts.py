"""Copies of the repository in which the real Snakefile runs on a small series."""

import copy
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from reverie.tables import read_table

from tests import forks

REPOSITORY = Path(__file__).parents[1]
TINY = """\
forecast:
  seeds: [0]
  steps: 12
  batch: 32
  max_epochs: 2
  select: [mlp, gru, linear, blend]
  variants:
    gru: {layers: [{GRU: {units: 4, dropout: 0.1, recurrent_dropout: 0.1}}]}
"""


class Checkout:
    """A copy of the repository in which Snakemake may run, by `python`."""

    python = sys.executable

    def __init__(self, folder: Path):
        self.folder = folder
        names = self.git(REPOSITORY, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
        for name in filter(None, names):
            if (REPOSITORY / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(REPOSITORY / name, folder / name)
        self.git(folder, "init", "-q")
        self.git(folder, "add", "-A")
        self.git(
            folder, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qm", "x"
        )
        (folder / "config" / "tiny.yaml").write_text(TINY)

    @classmethod
    def at(cls, folder: Path) -> "Checkout":
        """The checkout that was made in ``folder``."""
        checkout = cls.__new__(cls)
        checkout.folder = folder
        return checkout

    @staticmethod
    def git(folder, *arguments) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
        )
        return done.stdout

    def command(self, *arguments, overlays=("river", "tiny")) -> list[str]:
        files = [f"config/{overlay}.yaml" for overlay in overlays]
        return [self.python, "-m", "snakemake", "--configfile", *files, *arguments]

    def environment(self, **more) -> dict[str, str]:
        dropped = {"PYTHONPATH", "REVERIE_MIRROR", "REVERIE_COMMAND"}
        dropped |= {
            "MAKELEVEL",
            "MAKEFLAGS",
            "MFLAGS",
        }  # people do not type `make` within `make test`
        return {k: v for k, v in os.environ.items() if k not in dropped} | more

    def run(self, *arguments, overlays=("river", "tiny"), succeeds=True, **environment) -> str:
        """Everything Snakemake printed."""
        python, *arguments = self.command(*arguments, overlays=overlays)
        environment = self.environment(**environment)
        status, printed = forks.run(python, self.folder, environment, arguments)
        assert (status == 0) is succeeds, printed
        return printed

    def make_command(self, target: str, overlays=("river", "tiny")) -> list[str]:
        """The command that makes ``target``, as people type it, in the environment of the tests."""
        environment = self.folder / ".venv"
        (environment / "bin").mkdir(parents=True, exist_ok=True)
        for program, module in {"python": "", "snakemake": " -m snakemake"}.items():
            wrapper = environment / "bin" / program
            wrapper.write_text(f'#!/bin/sh\nexec "{self.python}"{module} "$@"\n')
            wrapper.chmod(0o755)
        stamp = 'echo "$(cksum <requirements-cpu.lock) $PWD" >.venv/.installed'  # as envs/venv.sh has it
        subprocess.run(["sh", "-c", stamp], cwd=self.folder, check=True)
        (environment / ".extra").write_text("cpu\n")
        return ["make", target, "WITH=" + " ".join(f"config/{name}.yaml" for name in overlays)]

    def start_make(
        self, target: str, overlays=("river", "tiny"), start_new_session=False
    ) -> subprocess.Popen:
        """That command, at work."""
        return subprocess.Popen(
            self.make_command(target, overlays),
            cwd=self.folder,
            env=self.environment(PYTHONPATH=str(self.folder / "workflow")),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=start_new_session,
        )

    def make(self, target: str, overlays=("river", "tiny"), succeeds=True) -> list[str]:
        """The lines that the command to make ``target`` printed."""
        return printed(self.start_make(target, overlays), succeeds)

    def planned(self, overlays=("river", "tiny"), **environment) -> dict[str, int]:
        """Jobs that a dry run lists, by rule."""
        printed = self.run("-n", overlays=overlays, **environment)
        table = printed.split("Job stats:")[1].split("total")[0] if "Job stats:" in printed else ""
        return {rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}

    def copied_to(self, folder: Path) -> "Checkout":
        """Another checkout with its results and Snakemake's memory."""
        shutil.copytree(self.folder, folder, symlinks=True)
        other = copy.copy(self)
        other.folder = folder
        return other

    def edit(self, file: str, old: str, new: str):
        path = self.folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))


def printed(process: subprocess.Popen, succeeds: bool) -> list[str]:
    """All lines of a `make`, less its own last one about a failure; none is of a traceback."""
    text = process.communicate(timeout=600)[0]
    assert (process.returncode == 0) is succeeds, text
    assert "Traceback" not in text, text
    return [line for line in text.splitlines() if not line.startswith("make: ")]


GPU_BUILD = ("tensorflow", "nvidia-cudnn-cu12")


def pretend_packages(folder: Path, *names: str) -> str:
    """The folder, in which these packages seem to be installed for whom it stands on the path."""
    for name in names:
        facts = folder / f"{name.replace('-', '_')}-1.0.dist-info"
        facts.mkdir(parents=True)
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    return str(folder)


def pretend_gpus(folder: Path, *indices: str) -> Path:
    """A `nvidia-smi` that tells of these GPUs; the file in which it leaves, a line a call, how many
    processes that asked it were still alive then, the new one included."""
    folder.mkdir()
    asked, alive, tool = folder / "asked", folder / "alive", folder / "nvidia-smi"
    tool.write_text(
        f"""#!/bin/sh
echo $PPID >>{asked}
n=0; for pid in $(sort -u {asked}); do kill -0 $pid 2>/dev/null && n=$((n + 1)); done
echo $n >>{alive}
printf '%s\\n' {" ".join(indices)}
"""
    )
    tool.chmod(0o755)
    return alive


def pretend_mps(folder: Path) -> Path:
    """A `nvidia-cuda-mps-control`, and the file in which it leaves a line a call: what it was told, its
    pipes and the GPUs that it sees."""
    folder.mkdir()
    calls, tool = folder / "calls", folder / "nvidia-cuda-mps-control"
    tool.write_text(
        f"""#!/bin/sh
echo "${{1:-$(cat)}} of $CUDA_MPS_PIPE_DIRECTORY $CUDA_VISIBLE_DEVICES" >>{calls}
test -d "$CUDA_MPS_PIPE_DIRECTORY"
"""
    )
    tool.chmod(0o755)
    return calls


def history(path: Path) -> list[dict]:
    """The epochs of a `history.csv`, but for the seconds that they took."""
    return [line | {"seconds": None} for line in read_table(path)]


def river(path: Path):
    """A gauge read every quarter of an hour, with a gap, a repeated time and missing values."""
    rows = 3000
    generator = np.random.default_rng(0)
    time = pd.date_range("2021-03-01", periods=rows, freq="15min")
    rain = generator.gamma(0.1, 1, rows)
    level = (
        2
        + 0.3 * np.sin(np.arange(rows) / 48)
        + np.convolve(rain, np.exp(-np.arange(96) / 24))[:rows]
    )
    table = pd.DataFrame(
        {"time": time.strftime("%Y-%m-%dT%H:%M"), "level_m": level, "rain_mm": rain}
    )
    table.loc[500:502, "rain_mm"] = np.nan
    table.loc[900, "level_m"] = -9999
    table = pd.concat([table.iloc[:1200], table.iloc[1199:2000], table.iloc[2040:]])
    table.round(3).to_csv(path, index=False)


def river_checkout(folder: Path) -> Checkout:
    """A checkout with the series and the overlay of the page `docs/own-series.md`."""
    checkout = Checkout(folder)
    river(folder / "river.csv")
    page = (REPOSITORY / "docs" / "own-series.md").read_text()
    overlay = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[1]  # the first is of another series
    (folder / "config" / "river.yaml").write_text(overlay)
    return checkout


# SqueezeNet dreams in the place of InceptionV3, and transfers styles under its own name.
TINY_PICTURES = """\
samples: auto
mirrors: [nowhere]
assets:
  inception_v3: {addresses: []}
  starry_night: {addresses: []}
dream:
  pictures:
    harbour:
      size: 240
      octaves: 2
      steps: 2
      sheet: {layers: [mixed0, mixed4], size: 190, octaves: 1, steps: 2}
      film: {frames: 3, steps: 1, size: 190}
style:
  pictures:
    harbour:
      network: SqueezeNet
      content_layer: fire4
      style_layers: [conv1, fire3]
      sizes: [40, 60]
      steps: 3
"""


def harbour_checkout(folder: Path) -> Checkout:
    """A checkout with a picture and the overlay of the page `docs/own-pictures.md`."""
    checkout = Checkout(folder)
    page = (REPOSITORY / "docs/own-pictures.md").read_text()
    overlay = re.search(r"```yaml\n(.*?)```", page, re.S)[1]
    (folder / "config/harbour.yaml").write_text(overlay)
    (folder / "config/tiny.yaml").write_text(TINY_PICTURES)
    add_harbour(folder)
    return checkout


def add_harbour(folder: Path) -> None:
    """The picture `harbour.jpg`."""
    colours = np.random.default_rng(0).integers(0, 256, (90, 150, 3), np.uint8)
    Image.fromarray(colours).save(folder / "harbour.jpg", quality=95)
