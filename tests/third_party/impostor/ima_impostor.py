"""A third-party plugin whose entry point has the name of a first-party plugin."""
