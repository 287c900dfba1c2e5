"""Recent deliveries and sign-ins of a mailbox."""

from django.urls import path

from mailboxes.views.either import either
from panel.recent import devices, views
from panel.recent.message import OwnDelivery

urlpatterns = [
    path("mailbox/deliveries/<int:pk>/", OwnDelivery.as_view(), name="own-delivery"),
    *either("deliveries/", views.Deliveries.as_view(), "deliveries"),
    *either("sign-ins/", devices.SignIns.as_view(), "sign-ins"),
    *either("sign-ins/vanished/", devices.Vanished.as_view(), "vanished"),
]
