"""The forms of the personal data pages."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, Field, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from shop.staff.privacy.labels import CONSENTS, KINDS, SOURCES
from shop.web.pages.formats import shop_settings
from shop.web.pages.forms import text_field


def _choices(labels: dict[str, Any]) -> list[SelectChoice]:
    return [SelectChoice(str(value), label) for value, label in labels.items()]


class NewRequestForm(FlaskForm):  # type: ignore[misc]
    """A request received by mail, phone or in person."""

    kind = SelectField(_("Kind"), choices=_choices(KINDS))
    contact = text_field(_("E-mail or phone"), 254, InputRequired(_("Enter an e-mail or a phone number")))
    received_at = DateTimeLocalField(_("Received"), [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"])
    note = text_field(_("What the person asks for"), 5000, kind=TextAreaField)

    @property
    def received(self) -> datetime | None:
        """The time of receipt, aware; None if empty."""
        return in_shop_zone(self.received_at.data)


class CloseForm(FlaskForm):  # type: ignore[misc]
    """The result of a request."""

    state = RadioField(
        _("Answer"),
        choices=[SelectChoice("done", _("Done")), SelectChoice("refused", _("Refused"))],
        default="done",
    )
    outcome = text_field(_("What you did, or why you refuse"), 5000, kind=TextAreaField)


class ConsentForm(FlaskForm):  # type: ignore[misc]
    """A consent given or withdrawn."""

    kind = SelectField(_("Consent to"), choices=_choices(CONSENTS), id="consent-kind")
    given = RadioField(
        _("Statement"), choices=[SelectChoice("yes", _("Given")), SelectChoice("no", _("Withdrawn"))], default="yes"
    )
    source = SelectField(_("How"), choices=_choices(SOURCES), id="consent-source")
    text_version = text_field(_("Wording"), 64, InputRequired(_("Enter the wording’s version")), id="consent-text")


class PeriodForm(FlaskForm):  # type: ignore[misc]
    """A period of time, in the shop's time zone."""

    since = DateTimeLocalField(_("From"), [InputRequired(_("Enter a time"))])
    until = DateTimeLocalField(_("Until"), [InputRequired(_("Enter a time"))])

    def validate_until(self, field: Field) -> None:
        """Require a time after the beginning."""
        if self.since.data and field.data and field.data <= self.since.data:
            raise ValidationError(_("Must be after the beginning"))

    @property
    def period(self) -> tuple[datetime, datetime]:
        """The period, aware; of a valid form only."""
        since, until = in_shop_zone(self.since.data), in_shop_zone(self.until.data)
        assert since is not None
        assert until is not None
        return since, until


def in_shop_zone(moment: datetime | None) -> datetime | None:
    """Return a typed time with the shop's time zone."""
    return moment.replace(tzinfo=ZoneInfo(shop_settings().values["shop_timezone"])) if moment else None
