"""The report's part on sentences for pictures."""
