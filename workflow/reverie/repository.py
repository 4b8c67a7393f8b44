"""The git repository of the workflow, if there is one."""

import os
import subprocess
from pathlib import Path


def git(*arguments: str, folder: Path = Path(__file__).parent) -> str | None:
    """Output of a git command in the repository of ``folder``; None if there is none, or no git."""
    try:
        # Without its lock, which a user's own git would meet.
        environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
        done = subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, text=True, env=environment
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def commit() -> dict:
    """`commit`, and `dirty`: whether tracked files differ from it; None outside a repository."""
    if git("ls-files", "--error-unmatch", __file__) is None:  # a copy within another repository
        return {"commit": None, "dirty": None}
    status = git("status", "--porcelain", "--untracked-files=no")
    return {
        "commit": git("rev-parse", "HEAD"),
        "dirty": None if status is None else bool(status),
    }
