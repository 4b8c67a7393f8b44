"""The forecast: series, windows, variants, evaluation, plots."""
