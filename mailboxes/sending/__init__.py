"""Sending limits: what owners decide, and what their node says of it. The node counts and refuses
(nodeagent.policy)."""
