"""The offline sandbox: a faithful local stand-in for the service."""
