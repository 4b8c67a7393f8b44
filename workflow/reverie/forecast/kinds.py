"""The kinds of forecasters that a variant may have."""

NETWORK, BLEND = "network", "blend"
# Judged as one forecast: no seed changes it, or it is a blend of the means over seeds.
WITHOUT_CHANCE = {"climatology", "linear", "ridge", BLEND}
