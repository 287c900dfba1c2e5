"""The page of a brand, and the addresses that pages and Caddy ask for."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from panel.branding import views


class Hex6(StringConverter):
    regex = "[0-9a-f]{6}"


class Sha256(StringConverter):
    regex = "[0-9a-f]{64}"


register_converter(Hex6, "hex6")
register_converter(Sha256, "sha256")

urlpatterns = [
    path("branding/", views.brand_edit, name="branding"),
    path("branding/logo/delete/", views.logo_delete, name="branding-logo-delete"),
    path("branding/look/", views.hosts_look, name="branding-look"),
    path("brand/<hex6:light>-<hex6:dark>.css", views.brand_css, name="brand-css"),
    path("brand/<sha256:sha>.png", views.brand_logo, name="brand-logo"),
    path("tls/ask", views.tls_ask, name="tls-ask"),
]
