"""Pictures that a trained network dreams."""
