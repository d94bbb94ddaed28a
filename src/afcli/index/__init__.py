"""The index of a fact base: an SQLite file of plain tables, built from its files and kept until they change."""
