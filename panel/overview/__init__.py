"""One domain at a glance: its live stations, and the drawing of them."""
