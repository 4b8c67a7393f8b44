"""The configuration: its model, its files, and the sentences about mistakes in it."""
