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
# Its layers by the size of their cells, 2, 4, 8 and 16 pixels a side, from shallow to deep.
LEVELS = [
    ["conv1"],
    ["fire2", "fire3"],
    ["fire4", "fire5"],
    ["fire6", "fire7", "fire8", "fire9"],
]
# About the root mean square of each one's outputs on photographs.
TYPICAL = {
    "conv1": 40,
    "fire2": 50,
    "fire3": 55,
    "fire4": 65,
    "fire5": 40,
    "fire6": 45,
    "fire7": 20,
    "fire8": 18,
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
