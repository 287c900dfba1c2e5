"""Views of Track Delivery."""

from delivery.views.ingest import health, ingest
from delivery.views.track import message, track, track_news

__all__ = ["health", "ingest", "message", "track", "track_news"]
