"""What must stay in step with the code."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
NETWORKS = {"train_forecaster.py", "check_model.py", "train_writer.py", "sample_text.py"}
NETWORKS |= {"dream.py", "transfer_style.py"}
NETWORKS |= {"train_diagnoser.py", "predict_hourly.py", "permute_variables.py"}
NETWORKS |= {"compute_features.py", "train_aligner.py", "train_describer.py", "write_captions.py"}
NETWORKS |= {"draw_sentences.py"}


def test_the_rule_graph_of_the_docs_is_the_workflows():
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--rulegraph", "mermaid-js", "-F"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", done.stdout))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", done.stdout)}
    # That `all` asks for every file by name is not how data flow.
    edges = {edge for edge in edges if edge[1] != "all" or edge[0] == "write_report"}
    page = (REPOSITORY / "docs/architecture.md").read_text()
    drawn = page.split("```mermaid")[1].split("```")[0]
    assert set(re.findall(r"(\w+) --> (\w+)", drawn)) == edges


def test_the_readme_names_code_that_is_there():
    page = (REPOSITORY / "README.md").read_text()
    named = re.findall(r"`(\w+)` in `(workflow/\S+)`", page)
    assert len(named) == 5
    for name, file in named:
        code = (REPOSITORY / file).read_text()
        assert re.search(rf"(def|rule|as) {name}\b", code), name


def test_locks_name_no_address():
    for lock in REPOSITORY.glob("requirements-*.lock"):
        text = lock.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text


def test_every_package_is_locked_by_a_hash():
    """Each requirement is one line followed by its hashes."""
    for lock in REPOSITORY.glob("requirements-*.lock"):
        requirements = re.findall(r"^[\w.-]+==\S+.*?(?=^\w|\Z)", lock.read_text(), re.M | re.S)
        assert len(requirements) > (1 if lock.stem.endswith("slurm") else 50)
        assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_jobs_without_a_network_import_no_keras():
    sys.path.insert(0, str(REPOSITORY / "workflow"))
    from reverie import codehash

    for script in REPOSITORY.glob("workflow/**/scripts/*.py"):
        modules = codehash.reached(script)
        imports = [path for path in modules if "import keras" in path.read_text()]
        assert bool(imports) == (script.name in NETWORKS), script.name


def test_jobs_with_a_network_import_it_in_their_body():
    """Once the device is chosen; in tests they are forks that have Keras already (tests/forks.py)."""
    early = {
        "pathlib import Path",
        "reverie.jobs import job",
        "reverie.network_jobs import network_job",
    }
    for name in NETWORKS:
        (script,) = REPOSITORY.glob(f"workflow/**/scripts/{name}")
        imports = re.findall(r"^(?:from|import) (.*)", script.read_text(), re.MULTILINE)
        assert imports and set(imports) <= early, name


@pytest.mark.parametrize("extra", ["cpu", "gpu", "jax", "jax-gpu"])
def test_conda_names_what_the_lock_holds(extra):
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = {requirement.split("#")[0].strip() for requirement in project["dependencies"]}
    wanted = {package for package in wanted if not package.startswith("snakemake")}
    backend, *_ = project["optional-dependencies"][extra]
    environment = yaml.safe_load((REPOSITORY / f"envs/{extra}.yaml").read_text())
    (pip,) = [part["pip"] for part in environment["dependencies"] if isinstance(part, dict)]
    assert set(pip) == wanted | {backend.split(";")[0]}
    lock = (REPOSITORY / f"requirements-{extra}.lock").read_text()
    for package in pip:
        name = re.split(r"[<>=\[]", package)[0]
        assert re.search(rf"^{name}(\[|==)", lock, re.MULTILINE), name


def test_jobs_with_a_network_have_an_environment_with_their_backend():
    """The other environments have TensorFlow, which a run with `backend: jax` lacks."""
    environments = {}
    for file in (REPOSITORY / "workflow").rglob("*.smk"):
        for rule in re.split(r"^(?= *rule )", file.read_text(), flags=re.MULTILINE)[1:]:
            conda = re.search(r"^ +conda:\n +(\S+)", rule, re.MULTILINE)
            script = re.search(r"^ +script:\n +\"scripts/(\S+)\"", rule, re.MULTILINE)
            if script:
                environments[script[1]] = conda[1]
    chosen = {"NETWORK_ENVIRONMENT", "TRAINING_ENVIRONMENT"}
    assert {name for name, conda in environments.items() if conda in chosen} == NETWORKS


def test_every_extra_has_a_lock_that_make_renews_and_venv_names():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].keys() - {"dev"}
    locks = REPOSITORY.glob("requirements-*.lock")
    assert {lock.stem.removeprefix("requirements-") for lock in locks} == extras
    renewed = re.search(r"for extra in (.*?);", (REPOSITORY / "Makefile").read_text())[1].split()
    assert {*renewed, "slurm"} == extras
    named = re.search(r"EXTRA is (.*?)\.", (REPOSITORY / "envs/venv.sh").read_text())[1]
    assert re.split(", | or ", named) == renewed


def test_jax_on_a_gpu_is_the_same_jax_with_its_plugin():
    """A plugin of another version than JAX would leave it on the processor."""
    jax, with_plugin = (
        set(re.findall(r"^([\w.-]+)==(\S+)(.*)", lock.read_text(), re.MULTILINE))
        for lock in (REPOSITORY / f"requirements-{extra}.lock" for extra in ("jax", "jax-gpu"))
    )
    assert jax < with_plugin
    versions = {(version, rest) for name, version, rest in jax if name == "jax"}
    plugins = {(version, rest) for name, version, rest in with_plugin if name.endswith("-plugin")}
    assert plugins == versions and versions


def test_only_training_dreaming_and_style_ask_for_a_gpu():
    asking = set()
    for file in (REPOSITORY / "workflow").rglob("*.smk"):
        for rule in re.split(r"^(?=rule |use rule )", file.read_text(), flags=re.MULTILINE)[1:]:
            base, name = re.match(r"(?:use rule (\w+) as |rule )(\w+)", rule).groups()
            if base in asking or re.search(r"^ +gpu=", rule, re.MULTILINE):
                asking.add(name)
    networks = {"train_forecaster", "train_writer", "train_diagnoser"}
    networks |= {"compute_features", "train_aligner", "train_describer"}
    assert asking == networks | {"dream_picture", "dream_sheet", "dream_film", "transfer_style"}
    profile = yaml.safe_load((REPOSITORY / "profiles/slurm/profile.yaml").read_text())
    assert {rule for rule, wants in profile["set-resources"].items() if "gpu" in wants} == asking


def test_the_slurm_profile_repeats_the_default_one():
    """It replaces it; so what is shared must be in both."""
    default, slurm = (
        yaml.safe_load((REPOSITORY / f"profiles/{name}/profile.yaml").read_text())
        for name in ("default", "slurm")
    )
    assert default.pop("cores") == "all"
    assert set(default.pop("quiet")) - set(slurm["quiet"]) == {"rules"}
    assert default.items() <= slurm.items()
