"""The kinds of forecasters that a variant may have."""

NETWORK = "network"
WITHOUT_CHANCE = {"climatology", "linear", "ridge"}  # no seed changes their result
