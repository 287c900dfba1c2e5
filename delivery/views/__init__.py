"""Views of Track Delivery."""

from delivery.views.alerts import alert_change, alerts
from delivery.views.charts import charts, charts_export
from delivery.views.ingest import health, ingest
from delivery.views.message import message
from delivery.views.saved import track_filter_delete, track_filters
from delivery.views.signins import sign_ins
from delivery.views.track import track, track_export, track_news

__all__ = [
    "alert_change",
    "alerts",
    "charts",
    "charts_export",
    "health",
    "ingest",
    "message",
    "sign_ins",
    "track",
    "track_export",
    "track_filter_delete",
    "track_filters",
    "track_news",
]
