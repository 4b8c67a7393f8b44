"""Reverie: recurrent nets that forecast, write and dream."""
