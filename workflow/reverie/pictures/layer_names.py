"""Names of the pretrained networks' layers, listed since importing Keras takes seconds."""


def numbered(kind: str, count: int) -> list[str]:
    """Names as Keras numbers them: `conv2d`, `conv2d_1`, …."""
    return [kind, *(f"{kind}_{number}" for number in range(1, count))]


def blocks(*convolutions: int) -> list[str]:
    """Layer names of a VGG; ``convolutions`` are the numbers of convolutions in its blocks."""
    return [
        f"block{block}_{layer}"
        for block, count in enumerate(convolutions, 1)
        for layer in (*(f"conv{number}" for number in range(1, count + 1)), "pool")
    ]


LAYER_NAMES = {
    "InceptionV3": [
        *(f"mixed{number}" for number in range(11)),
        *("mixed9_0", "mixed9_1"),
        *numbered("conv2d", 94),
        *numbered("batch_normalization", 94),
        *numbered("activation", 94),
        *numbered("max_pooling2d", 4),
        *numbered("average_pooling2d", 9),
        *numbered("concatenate", 2),
    ],
    "VGG16": blocks(2, 2, 3, 3, 3),
    "VGG19": blocks(2, 2, 4, 4, 4),
    "SqueezeNet": [
        *("conv1", "pool1", "pool3", "pool5"),
        *(f"fire{number}" for number in range(2, 10)),
        *(
            f"fire{number}_{layer}"
            for number in range(2, 10)
            for layer in ("squeeze", "expand1", "expand3")
        ),
    ],
}
