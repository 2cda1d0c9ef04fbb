"""Quirks that a model file declares as data: each rule becomes a :class:`~ima_skills.quirks.Quirk` like any other.

The vocabulary, with what each word does at which station of the road, is in ``registry/README.md``; its data
classes are in :mod:`ima_skills.domain.declared`.
"""
