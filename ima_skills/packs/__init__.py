"""Skill packs for agents: what is in one, how it is built, and where each host looks for it."""
