"""The forms of an endpoint: its address and types, a test event, and a range to resend."""

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectChoice, SelectField, TextAreaField
from wtforms.validators import InputRequired

from shop.domain.events import EventType
from shop.domain.webhooks import SignatureScheme
from shop.staff.edit_conflicts import EditForm
from shop.web.pages.forms import MaxLength, text_field


class EndpointForm(EditForm):
    """An endpoint to change."""

    url = text_field(lazy_gettext("Address"), 2000, InputRequired(lazy_gettext("Enter the address to call")))
    types = TextAreaField(
        lazy_gettext("Events"),
        [InputRequired(lazy_gettext("Enter at least one event type")), MaxLength(2000)],
        default="*",
    )
    description = text_field(lazy_gettext("Description"), 200)
    enabled = BooleanField(lazy_gettext("On"), default=True)

    def values(self) -> dict[str, Any]:
        """Return the fields for the service."""
        types = self.types.data.replace(",", " ").split()
        fields = {"url": self.url.data, "description": self.description.data, "enabled": self.enabled.data}
        return {**fields, "types": types}


class NewEndpointForm(EndpointForm):
    """An endpoint to add, which chooses how deliveries are signed."""

    signature = SelectField(
        lazy_gettext("Signature"),
        choices=[
            SelectChoice(SignatureScheme.V1, lazy_gettext("Shared secret (v1, HMAC-SHA256)")),
            SelectChoice(SignatureScheme.V1A, lazy_gettext("Public key (v1a, ed25519)")),
        ],
    )


class TestForm(FlaskForm):  # type: ignore[misc]
    """A test event."""

    type = SelectField(lazy_gettext("Event"), choices=[SelectChoice(each, each) for each in EventType])


class ReplayForm(FlaskForm):  # type: ignore[misc]
    """How far back to resend."""

    hours = SelectField(
        lazy_gettext("Period"),
        choices=[
            SelectChoice("1", lazy_gettext("Last hour")),
            SelectChoice("24", lazy_gettext("Last day")),
            SelectChoice("72", lazy_gettext("Last 3 days")),
            SelectChoice("336", lazy_gettext("Last 14 days")),
        ],
        default="24",
    )
