"""A third-party plugin that ends the process when it is imported."""

raise SystemExit("missing licence")
