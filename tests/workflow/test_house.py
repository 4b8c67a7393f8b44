"""What must stay in step with the code."""

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_the_readmes_rule_graph_is_the_workflows():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "-F"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", done.stdout))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", done.stdout)}
    readme = (REPOSITORY / "README.md").read_text().split("```mermaid")[1].split("```")[0]
    assert set(re.findall(r"(\w+) --> (\w+)", readme)) == edges


def test_locks_name_no_address():
    for lock in REPOSITORY.glob("requirements-*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text


def test_every_package_is_locked_by_a_hash():
    """Each requirement is one line followed by its hashes."""
    for lock in REPOSITORY.glob("requirements-*.lock"):
        requirements = re.findall(r"^[\w.-]+==\S+.*?(?=^\w|\Z)", lock.read_text(), re.M | re.S)
        assert len(requirements) > 50
        assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_jobs_without_a_network_import_no_keras():
    scripts = REPOSITORY / "workflow" / "scripts"
    sys.path.insert(0, str(REPOSITORY / "workflow"))
    from reverie import codehash

    networks = {"train_forecaster.py", "check_model.py", "train_writer.py", "sample_text.py"}
    networks |= {"dream_picture.py", "dream_sheet.py", "dream_film.py", "transfer_style.py"}
    for script in scripts.glob("*.py"):
        modules = codehash.reached(script)
        imports = [path for path in modules if "import keras" in path.read_text()]
        assert bool(imports) == (script.name in networks), script.name


def test_conda_names_what_the_lock_holds():
    import tomllib

    import yaml

    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[<>=;\s]", d)[0] for d in project["dependencies"]}
    environment = yaml.safe_load((REPOSITORY / "envs/cpu.yaml").read_text())
    (pip,) = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    named = {re.split(r"[<>=;\s]", d)[0] for d in pip}
    assert named == wanted - {"snakemake"} | {"tensorflow-cpu"}
