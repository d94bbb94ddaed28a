"""The index of a fact base: an SQLite file of plain tables, made of its files and kept while they do not change."""
