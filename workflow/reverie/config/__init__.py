"""The configuration: its model, its files, and the sentence for every mistake."""
