"""Recent deliveries and sign-ins of a mailbox."""

from mailboxes.views.either import either
from panel.recent import devices, views

urlpatterns = [
    *either("deliveries/", views.Deliveries.as_view(), "deliveries"),
    *either("sign-ins/", devices.SignIns.as_view(), "sign-ins"),
    *either("sign-ins/vanished/", devices.Vanished.as_view(), "vanished"),
]
