"""Mail Queue: what waits on the nodes, and what people do about it. The nodes are asked each time
(nodeagent.queue); nothing of a queue is kept here but who did what."""
