from django.apps import AppConfig


class BladesConfig(AppConfig):
    name = "blades"
