"""Views of Track Delivery."""

from delivery.views.ingest import ingest
from delivery.views.track import message, track, track_news

__all__ = ["ingest", "message", "track", "track_news"]
