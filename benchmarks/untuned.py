"""The lecture's way without tf.data's autotuning, compared with Reverie's networks.

With autotuning, Keras' default, `fit` and `evaluate` wait at their end, until a time of 10 ms, doubled
again and again, exceeds what they took. Here the lecture does without that wait; its seconds are scaled
from fewer steps, since nothing rounds them up.
"""

import json
import os
import sys

from benchmarks import runs
from benchmarks.forecast import BATCH, SEVEN, STEPS, epoch, prepared, together
from benchmarks.rounds import Row, rounds, row

MEASURED = 100  # training steps, and batches of validation


def lecture(name: str) -> dict:
    """Seconds of an epoch of training and of a validation, the lecture's way without autotuning."""
    import tensorflow as tf

    model, *generators, batches = prepared(name)
    options = tf.data.Options()
    options.autotune.enabled = False
    inputs = tf.TensorSpec((BATCH, *model.input_shape[1:]), tf.float64)
    datasets = [
        tf.data.Dataset.from_generator(
            lambda generator=generator: generator,
            output_signature=(inputs, tf.TensorSpec((BATCH,))),
        )
        .prefetch(2)
        .with_options(options)
        for generator in generators
    ]
    seconds = epoch(model, *datasets, MEASURED, MEASURED)
    return {
        "training": seconds["training"] * STEPS / MEASURED,
        "validation": seconds["validation"] * batches / MEASURED,
    }


def rows(count: int) -> list[Row]:
    runs.prepare()
    lectures, ours = ({name: [] for name in SEVEN} for _ in range(2))
    for _ in range(count):
        for name in SEVEN:
            lectures[name] += rounds("untuned", ["lecture"], 1, name)["lecture"]
            [seconds] = rounds("forecast", ["passes"], 1, name)["passes"]
            ours[name].append(
                {"training": STEPS * seconds["step"], "validation": seconds["validation"]}
            )
    figure = f"{STEPS} steps and a validation of all seven, one after the other and one a core"
    side_by_side = [seconds / os.cpu_count() for seconds in together(ours)]
    table = [row(figure, "s", together(lectures), side_by_side)]
    for name in SEVEN:
        validations = [[times["validation"] for times in way[name]] for way in (lectures, ours)]
        figure = f"validation of 98,432 windows, {name}, on all cores and on one"
        table.append(row(figure, "s", *validations))
    return table


if __name__ == "__main__":
    _, name = sys.argv[1:]
    print(json.dumps(lecture(name)))
