"""Writing character by character in the manner of a corpus."""
