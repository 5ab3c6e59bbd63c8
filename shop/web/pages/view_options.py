"""Options that decorators declare for a view, in one registry by view function."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from flask import current_app

if TYPE_CHECKING:
    from shop.web.json_api.endpoint import endpoint

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ViewOptions:
    """Options of a view."""

    endpoint: "endpoint | None" = None
    """How a JSON view reads and answers a request; None for a page."""
    permissions: tuple[str, ...] = ()
    """A member of staff needs any one of these to call the view; none if the view declares nothing."""
    recent_password: bool = False
    """Whether a member of staff must have entered the password within the last minutes."""
    personal_data: str = ""
    """The audit log's name for the personal data that a page shows, with the names of the view's arguments in braces;
    "" for none."""
    personal_export: bool = False
    """Whether the view sends personal data of many people as a file; the view records that itself."""
    upload_setting: str = ""
    """The setting with the maximum size of the page's file; "" if it takes none."""
    reads_replica: bool = False
    """Whether the view may read from the replica: lists, files and totals. Not for a view that decides about points,
    and not for a single record, which the caller has often just changed."""


_OPTIONS: Final[dict[Callable[..., Any], ViewOptions]] = {}
_NONE: Final = ViewOptions()


def set_options(view: View, **changes: Any) -> View:
    """Add options to those of a view, and return the view."""
    _OPTIONS[view] = replace(options_of(view), **changes)
    return view


def options_of(view: Callable[..., Any]) -> ViewOptions:
    """Return the options of a view function."""
    return _OPTIONS.get(view, _NONE)


def options_of_endpoint(name: str | None) -> ViewOptions:
    """Return the options of a Flask endpoint; the defaults for an unknown one."""
    view = current_app.view_functions.get(name or "")
    return options_of(view) if view is not None else _NONE


def accepts_upload(setting: str) -> Callable[[View], View]:
    """Declare that a page takes a file up to the size in a setting."""
    return lambda view: set_options(view, upload_setting=setting)


def reads_replica(view: View) -> View:
    """Declare that a page or file may be read from the replica."""
    return set_options(view, reads_replica=True)
