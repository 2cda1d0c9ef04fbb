"""Workflows: several media that belong together, planned, priced, confirmed, and made each once."""
