"""The journal on disk: what was sent, what became of it, what it cost, and what may still be spent."""
