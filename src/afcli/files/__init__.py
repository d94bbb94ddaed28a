"""A fact base on disk: found, read strictly, checked, and written wholly or not at all."""
