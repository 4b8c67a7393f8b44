"""Embedded samples: stand-ins for assets that cannot be reached."""
