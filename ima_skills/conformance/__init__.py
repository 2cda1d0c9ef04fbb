"""Conformance: how well any client of the service keeps its contract, tried on the sandbox."""
