"""Make a fact base: draft it from an article, check it, move it to another edition. Lookups never load this."""
