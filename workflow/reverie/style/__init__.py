"""Pictures painted in the manner of others."""
