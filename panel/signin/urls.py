"""Stands before allauth's own, and takes the place of some of them."""

from django.urls import path
from django.views.generic.base import RedirectView

from panel.signin import own, views

urlpatterns = [
    path("accounts/", RedirectView.as_view(pattern_name="profile"), name="accounts"),
    path("accounts/sessions/", views.sessions, name="usersessions_list"),
    path("accounts/sessions/<int:pk>/end/", views.session_end, name="session-end"),
    path("accounts/second-step/", views.second_step, name="second-step"),
    path("suspended/", views.asleep, name="asleep"),
    path("mailbox/password/", own.password, name="own-password"),
]
