"""Tuza: customers, points, and spending them at checkout. ``create_app`` makes the application."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, current_app

from shop.config import RESOURCES, load_config
from shop.web.app import TuzaFlask


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the application with its configuration, extensions, blueprints and error handlers.

    ``overrides`` replace values from the environment. Raises ConfigError for an invalid configuration.
    """
    config = load_config()
    config.update(overrides or {})
    app = TuzaFlask(
        "shop",
        instance_path=config["SHOP_INSTANCE"],
        template_folder=str(RESOURCES / "templates"),
        static_folder=str(RESOURCES / "static"),
    )
    app.config.update(config)
    _provide_to_services()
    _init_extensions(app)
    _register_blueprints(app)
    return app


def _provide_to_services() -> None:
    """Give the services what they may not import, and check the texts that they store."""
    from shop.schemas.events.examples import event_example
    from shop.schemas.events.objects import present
    from shop.services.app_config import provide_config
    from shop.services.events.recording import provide_messages, provide_presenter
    from shop.services.messaging.subscriptions import enqueue_messages
    from shop.services.text_lengths import watch_lengths
    from shop.services.webhooks.deliveries import provide_examples

    provide_config(lambda: current_app.config)
    provide_presenter(present)
    provide_messages(enqueue_messages)
    provide_examples(event_example)
    watch_lengths()


def _init_extensions(app: Flask) -> None:
    from shop.db import engines
    from shop.db.migrate import migrate
    from shop.db.session import db
    from shop.db.tenant import forget_shop
    from shop.extensions import csrf, login_manager
    from shop.observability import access_log, slow_query_log
    from shop.services.messaging.channels import registry as channels
    from shop.web import i18n, replica_routing, url_converters
    from shop.web.http import compression, middleware, rate_limit, security_headers, static_versioning
    from shop.web.json_api import unknown_fields
    from shop.web.pages import formats, uploads

    url_converters.init_app(app)
    engines.configure(app.config)
    app.before_request(forget_shop)
    app.teardown_appcontext(forget_shop)
    compression.init_app(app)  # first, so that it is the last to see a response
    access_log.init_app(app)  # before anything that may refuse a request, so that refusals are logged
    db.init_app(app)
    with app.app_context():
        engines.watch(db.engines)
        slow_query_log.watch(db.engines.values(), app.config["SLOW_QUERY_MS"], access_log.request_fields)
    migrate.init_app(app)
    login_manager.init_app(app, add_context_processor=False)  # public pages must not query the user
    uploads.init_app(app)  # before the form is read to find its token
    csrf.init_app(app)
    channels.init_app(app)
    rate_limit.limiter.init_app(app)
    replica_routing.init_app(app)
    security_headers.init_app(app)
    static_versioning.init_app(app)
    i18n.init_app(app)
    formats.init_app(app)
    unknown_fields.init_app(app)
    middleware.init_app(app)


def _register_blueprints(app: Flask) -> None:
    from shop import api, checkout, customer_page, hosted_shop, staff, storefront
    from shop.cli import registry
    from shop.observability import metrics
    from shop.web import dev_mail, dev_messages, error_handlers, health, media
    from shop.web.json_api import openapi_pages

    error_handlers.init_app(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(openapi_pages.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(storefront.blueprint)
    app.register_blueprint(storefront.callbacks.blueprint)
    app.register_blueprint(storefront.message_callbacks.blueprint)
    app.register_blueprint(checkout.blueprint)
    app.register_blueprint(hosted_shop.blueprint)
    app.register_blueprint(customer_page.blueprint)
    app.register_blueprint(media.blueprint)
    staff.init_app(app)
    dev_mail.init_app(app)
    dev_messages.init_app(app)
    registry.init_app(app)
