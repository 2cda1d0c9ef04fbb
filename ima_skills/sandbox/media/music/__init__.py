"""Music: composed, played by instruments made of numbers, and mixed."""
