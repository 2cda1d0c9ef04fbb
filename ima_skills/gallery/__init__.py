"""A page of what was made: the jobs of a journal or of the demo as one HTML file beside its media."""
