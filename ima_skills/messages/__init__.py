"""What people in a chat are told while something is made: when, in which words, and as which messages.

Everything that is said is data (``registry/messages``, ``registry/platforms``, ``registry/failures.toml``); the
composer turns the road's events into ready actions and touches neither network nor clock.
"""
