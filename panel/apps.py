from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig

from panel.celery import app


class PanelConfig(AppConfig):
    name = "panel"
    celery = app  # every process that runs Django sends its tasks through this application


class AdminConfig(DjangoAdminConfig):
    default_site = "panel.admin.AdminSite"
