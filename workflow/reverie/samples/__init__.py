"""Embedded samples: stand-ins for assets, made on the spot where nothing can be reached."""
