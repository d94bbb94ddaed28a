"""Look up the atomic claims of an article, with their provenance and citations."""

__version__ = "0.1.0"
