"""LightGBM, for the parts that boost trees."""

from reverie.errors import ReverieError


def library():
    """LightGBM, or a ReverieError where it cannot be loaded: it needs a library of the system."""
    try:
        import lightgbm
    except OSError as error:
        raise ReverieError(
            f"LightGBM cannot be loaded ({error}); install libgomp (Debian, Ubuntu: apt install "
            "libgomp1), or leave what is of the kind trees out of the part's setting select."
        ) from None
    return lightgbm
