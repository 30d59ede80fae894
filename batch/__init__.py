"""progress-billings: construction progress billing on nothing but email and Excel."""

__version__ = "0.1.0"
