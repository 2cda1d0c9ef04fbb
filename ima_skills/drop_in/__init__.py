"""The command lines of the older skills of this service, run by us: same words in, same JSON keys out."""
