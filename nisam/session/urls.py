"""Addresses of the session."""

from django.urls import path

from nisam.session.api import Login, Logout, Session

urlpatterns = [
    path("api/auth/login", Login.as_view()),
    path("api/auth/logout", Logout.as_view()),
    path("api/auth/session", Session.as_view()),
]
