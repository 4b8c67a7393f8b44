"""The colours of all figures and charts."""

# Okabe and Ito's palette, distinguishable for the colour-blind, without black (kept for the truth) and
# with a darker yellow, followed by eight of Paul Tol's colours.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00"]
PALETTE += ["#332288", "#882255", "#6B4423", "#AA4499", "#117733", "#6699CC", "#44AA99", "#CC6677"]
TRUTH, NAIVE, INK, FAINT = "#1a1a1a", "#8c8c8c", "#333333", "#d9d9d9"
WIDTH = 7.2  # inches, the width of the report's column


def colours(names: list[str]) -> dict[str, str]:
    """A colour for each name by its position in the list; colours repeat after the last."""
    return {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(names)}
