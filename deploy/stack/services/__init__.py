"""``prepare(stack)`` of each makes folders and configuration; ``programs(stack)`` tells what runs."""
