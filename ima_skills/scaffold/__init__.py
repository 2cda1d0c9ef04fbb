"""A new plugin: an installable project that passes its own tests at once."""
