"""Sentences for pictures: alignment of words with regions, and a network that writes sentences."""
