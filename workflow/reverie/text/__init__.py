"""A character-level language model, and the text that it writes."""
