from django.apps import AppConfig


class UemConfig(AppConfig):
    name = "uem"
