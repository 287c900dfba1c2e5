from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class PanelConfig(AppConfig):
    name = "panel"


class AdminConfig(DjangoAdminConfig):
    default_site = "panel.admin.AdminSite"
