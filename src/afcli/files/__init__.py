"""A fact base on disk: found, read strictly, checked, and written completely or not at all."""
