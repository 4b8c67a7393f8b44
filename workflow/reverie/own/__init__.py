"""Overlays for files of the user's own, with settings guessed from what the files look like."""
