"""“Your settings have changed”: who was told what, and who must hear that it is another now."""
