"""The kinds of forecasters that a variant may have."""

NETWORK, BLEND = "network", "blend"
WITHOUT_CHANCE = {"climatology", "linear", "ridge", BLEND}  # no seed changes their result
