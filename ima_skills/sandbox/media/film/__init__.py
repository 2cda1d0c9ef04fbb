"""Videos: what moves and how."""
