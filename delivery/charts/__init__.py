"""Charts of Track Delivery. ``spans``: which hours and days; ``drawing``: numbers into bars (both pure);
``selectors``: the numbers."""
