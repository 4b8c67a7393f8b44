"""The lecture's way without the wait that tf.data's autotuning adds, beside Reverie's networks.

With that on, as Keras has it, `fit` and `evaluate` end when 10 ms have doubled often enough to cover what
they took. How much faster Reverie is without this wait shows here; the lecture's seconds are
scaled from fewer steps, which nothing rounds up any more.
"""

import json
import os
import sys

from benchmarks import runs
from benchmarks.forecast import BATCH, SEVEN, STEPS, epoch, prepared, together
from benchmarks.rounds import Row, rounds, row

MEASURED = 100  # steps, and batches of validation


def lecture(name: str) -> dict:
    """Seconds of one epoch of training, and of one validation."""
    import tensorflow as tf

    model, *generators, batches = prepared(name)
    options = tf.data.Options()
    options.autotune.enabled = False
    inputs = tf.TensorSpec((BATCH, *model.input_shape[1:]), tf.float64)
    fed = [
        tf.data.Dataset.from_generator(
            lambda given=given: given, output_signature=(inputs, tf.TensorSpec((BATCH,)))
        )
        .prefetch(2)
        .with_options(options)
        for given in generators
    ]
    found = epoch(model, *fed, MEASURED, MEASURED)
    return {
        "training": found["training"] * STEPS / MEASURED,
        "validation": found["validation"] * batches / MEASURED,
    }


def rows(count: int) -> list[Row]:
    runs.prepare()
    lectures, ours = ({name: [] for name in SEVEN} for _ in range(2))
    for _ in range(count):
        for name in SEVEN:
            lectures[name] += rounds("untuned", ["lecture"], 1, name)["lecture"]
            for one in rounds("forecast", ["passes"], 1, name)["passes"]:
                ours[name].append(
                    {"training": STEPS * one["step"], "validation": one["validation"]}
                )
    told = f"{STEPS} steps and a validation of all seven, one after the other and one a core"
    found = [row(told, "s", together(lectures), [all_ / os.cpu_count() for all_ in together(ours)])]
    for name in SEVEN:
        seconds = [[one["validation"] for one in way[name]] for way in (lectures, ours)]
        found.append(
            row(f"validation of 98,432 windows, {name}, on all cores and on one", "s", *seconds)
        )
    return found


if __name__ == "__main__":
    _, name = sys.argv[1:]
    print(json.dumps(lecture(name)))
