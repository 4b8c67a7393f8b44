"""Measure all models of a run, whose trainings and fits lie in the folders `<task>/<model>/seed<k>`."""

from pathlib import Path

from reverie.diagnose import evaluation

REFERENCE = "mlp"  # the kind against whose best model all others are held, as in the paper


def measure(
    folder: Path,
    kinds: dict[str, dict[str, str]],
    ensembles: dict[str, dict],
    seeds: list[int],
    k: int,
) -> None:
    """Write the tables of :func:`evaluation.evaluate` into ``folder``.

    ``kinds`` are those of the models by task and name, ``ensembles`` have `combined` and `kinds`.
    """
    evaluation.evaluate(
        task_files={task: folder / f"{task}.npz" for task in kinds},
        models={
            task: {
                name: evaluation.Model(
                    kind, {seed: folder / task / name / f"seed{seed}" for seed in seeds}
                )
                for name, kind in found.items()
            }
            for task, found in kinds.items()
        },
        ensembles={name: evaluation.Ensemble(**found) for name, found in ensembles.items()},
        reference=REFERENCE,
        k=k,
        folder=folder,
    )
