"""Composition root: settings, URLs, Celery, and the pages and flows that span apps."""

from panel.celery import app as celery_app

__all__ = ["celery_app"]
