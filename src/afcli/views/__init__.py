"""The claims as a whole: along time, counted, and as linked data."""
