"""The engine for agents over the Model Context Protocol, on stdin and stdout (extra ``mcp``)."""
