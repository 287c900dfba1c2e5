from django.apps import AppConfig


class DnsZoneConfig(AppConfig):
    name = "dnszone"
