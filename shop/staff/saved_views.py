"""Saved views of the lists of customers, orders and products: shown as tabs, saved and deleted in the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shop.services.errors import ShopError
from shop.services.staff.saved_views import delete_view, list_views, save_view
from shop.staff.list_filters import ViewForm
from shop.staff.session import signed_in
from shop.web.pages.forms import put_errors
from shop.web.pages.htmx import redirect_with_message


@dataclass(frozen=True)
class SavedViews:
    """The signed-in person's views of the list ``page``; ``read_query`` returns the valid filters of a query string."""

    page: str
    endpoint: str
    read_query: Callable[[str], dict[str, str]]

    def address(self, values: dict[str, Any]) -> str:
        """Return the list's URL with filters."""
        return url_for(self.endpoint, **values)

    def context(self, form: ViewForm | None) -> dict[str, Any]:
        """Return what ``staff/_views.html`` shows; a refused form stays open."""
        views = list_views(signed_in().member.user_id, self.page)
        return {
            "views": [(view, self.read_query(view.query)) for view in views],
            "view_form": form or ViewForm(),
        }

    def save(self, form: ViewForm) -> Response | None:
        """Save the form's filters under its name and go to the list; None if refused, with errors in the form."""
        address = self.address(self.read_query(form.query.data or ""))
        if not form.validate():
            return None
        try:
            view = save_view(signed_in().member.user_id, self.page, form.name.data, address)
        except ShopError as refused:
            put_errors(form, refused)
            return None
        return redirect_with_message(address, _("View saved: %(name)s", name=view.name))

    def delete(self, view_id: int) -> Response:
        """Delete a view and go to the list with its filters."""
        view = delete_view(signed_in().member.user_id, view_id)
        return redirect_with_message(
            self.address(self.read_query(view.query)), _("View deleted: %(name)s", name=view.name)
        )
