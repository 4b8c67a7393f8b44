"""The colours of every figure and chart."""

# Okabe and Ito's palette, readable for the colour-blind, without its black, which is the truth's;
# its yellow darker, and three of Paul Tol's dark colours behind it.
PALETTE = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00"]
PALETTE += ["#332288", "#882255", "#6B4423"]
TRUTH, NAIVE, INK, FAINT = "#1a1a1a", "#8c8c8c", "#333333", "#d9d9d9"
WIDTH = 7.2  # inches, the width of the report's column


def colours(names: list[str]) -> dict[str, str]:
    """A colour for each name, by its place in the list."""
    return {name: PALETTE[index % len(PALETTE)] for index, name in enumerate(names)}
