from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from demo import views

urlpatterns = [
    path("", views.index),
    path("notes/", views.add_note),
    path("upload/", views.upload),
    path("stream/", views.stream),
    path("fail/", views.fail),
    path("accounts/login/", LoginView.as_view()),
    path("accounts/logout/", LogoutView.as_view()),
]
