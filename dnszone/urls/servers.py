from django.urls import path

from dnszone.views import servers

urlpatterns = [
    path("domains/<str:name>/zone/servers/", servers.servers, name="zone-servers"),
    path("domains/<str:name>/zone/servers/look/", servers.look, name="zone-servers-look"),
    path("domains/<str:name>/zone/servers/take/", servers.take, name="zone-servers-take"),
]
