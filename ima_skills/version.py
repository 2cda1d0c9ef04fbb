"""The version of ima-skills, in the one place that pyproject.toml reads as well."""

VERSION = "0.1.0"
