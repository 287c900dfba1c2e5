"""Recent deliveries and sign-ins of a mailbox."""

from mailboxes.views.either import either
from panel.recent import views

urlpatterns = [
    *either("deliveries/", views.Deliveries.as_view(), "deliveries"),
    *either("sign-ins/", views.SignIns.as_view(), "sign-ins"),
]
