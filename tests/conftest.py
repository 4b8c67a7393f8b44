"""What all tests share."""

import os
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
sys.path.insert(0, str(REPOSITORY / "workflow"))
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"


@pytest.fixture(scope="session")
def mirror() -> Path:
    """The mirror with real files; what needs it is skipped where there is none."""
    places = [
        os.environ.get("REVERIE_MIRROR"),
        REPOSITORY / "mirror",
        REPOSITORY / "../shared/mirror",
    ]
    for place in filter(None, places):
        if (Path(place) / "jena_hourly_2009_2016.csv.gz").is_file():
            return Path(place).resolve()
    pytest.skip("no mirror with the real files is here")
