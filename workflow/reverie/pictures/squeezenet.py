"""SqueezeNet 1.1 without its top: a small network for classes of ImageNet.

Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters" (2016), version 1.1.
"""

import keras

# Of each fire module: channels of its squeeze layer, and of both of its expand layers.
FIRES = {
    "fire2": (16, 64),
    "fire3": (16, 64),
    "fire4": (32, 128),
    "fire5": (32, 128),
    "fire6": (48, 192),
    "fire7": (48, 192),
    "fire8": (64, 256),
    "fire9": (64, 256),
}
POOLED = ("fire3", "fire5")  # a pooling layer follows
# Its layers from shallow to deep, in five lists: the last stands in for layers with cells of 16 pixels
# a side or more, the others for those with cells of 1, 2, 4 and 8. Some are coarser themselves.
LEVELS = [
    ["conv1"],
    ["fire2"],
    ["fire3"],
    ["fire4", "fire5"],
    ["fire6", "fire7", "fire8", "fire9"],
]
# Root mean squares of their outputs, on average of the lecture's sky and flowers and of the drawn sky
# and meadow, with longer sides of 640 and 480 pixels.
TYPICAL = {
    "conv1": 41,
    "fire2": 58,
    "fire3": 62,
    "fire4": 72,
    "fire5": 43,
    "fire6": 46,
    "fire7": 21,
    "fire8": 19,
    "fire9": 8,
}


def SqueezeNet(weights: None = None, include_top: bool = False, input_shape=None) -> keras.Model:
    """The network, with random weights; called as those of `keras.applications`.

    Pictures, (batch, height, width, 3), become cells of 16 pixels a side with 512 channels. The output
    of the layer `fire2`, … is what the whole fire module gives: the outputs of its two expand layers.
    """
    layers = keras.layers
    picture = keras.Input(input_shape or (None, None, 3))
    x = layers.Conv2D(64, 3, 2, "same", activation="relu", name="conv1")(picture)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    for name, (squeezed, expanded) in FIRES.items():
        x = layers.Conv2D(squeezed, 1, activation="relu", name=f"{name}_squeeze")(x)
        small = layers.Conv2D(expanded, 1, activation="relu", name=f"{name}_expand1")(x)
        large = layers.Conv2D(
            expanded, 3, padding="same", activation="relu", name=f"{name}_expand3"
        )(x)
        x = layers.Concatenate(name=name)([small, large])
        if name in POOLED:
            x = layers.MaxPooling2D(3, 2, name=f"pool{name[-1]}")(x)
    return keras.Model(picture, x)
