"""The results report: one HTML page made from a run's files."""
