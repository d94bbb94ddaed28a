"""Queries: read, interpreted, and answered with the claims that match best."""
