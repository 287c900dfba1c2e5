"""Views of Track Delivery."""

from delivery.views.ingest import health, ingest
from delivery.views.message import message
from delivery.views.signins import sign_ins
from delivery.views.track import track, track_news

__all__ = ["health", "ingest", "message", "sign_ins", "track", "track_news"]
