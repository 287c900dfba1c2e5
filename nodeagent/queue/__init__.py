"""The mail queue of a node: what waits in it, held, let go or removed.

Postfix lets nobody but root change its queue, and with a configuration of its own nobody else list it. So a
small program of root's, the keeper, does it for the agent, over a Unix socket that it alone may open."""
