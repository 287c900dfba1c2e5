"""Composition root: settings, URLs, Celery, and the pages and flows that span apps. Imports nothing:
Beat runs without Django."""
