"""Reverie: networks that forecast, write and dream."""
