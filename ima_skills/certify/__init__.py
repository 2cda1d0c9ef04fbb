"""Certify a plugin: derive what it promises from what it declares, and try every bit of it."""
