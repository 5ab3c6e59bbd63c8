"""The packages of the wheel: ``shop``, and inside it the templates, static files and migrations of the checkout."""

from setuptools import find_packages, setup

RESOURCES = ("templates", "static", "migrations")

setup(
    packages=[*find_packages(include=["shop", "shop.*"]), *(f"shop.{name}" for name in RESOURCES)],
    package_dir={f"shop.{name}": name for name in RESOURCES},
    package_data={
        "shop": ["translations/**/*", "domain/*.txt", "services/messaging/channels/*/templates/*"],
        **{f"shop.{name}": ["**/*"] for name in RESOURCES},
    },
)
