"""Embedded samples: stand-ins for assets, generated where no download is possible."""
