from django.urls import path

from dnszone.views import handback

urlpatterns = [path("domains/<str:name>/zone/hand-back/", handback.hand_back, name="zone-hand-back")]
