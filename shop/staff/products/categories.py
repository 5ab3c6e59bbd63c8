"""The categories page."""

from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField, SelectChoice, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional

from shop.queries.catalogue.list import count_by_category
from shop.services.catalogue.categories import delete_category, get_category, list_categories, save_category
from shop.services.errors import ShopError
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case
from shop.web.pages.forms import put_errors, text_field
from shop.web.pages.htmx import confirm_first, redirect_with_message, render_page_or_fragment

ID = "<id:category_id>"


class CategoryForm(FlaskForm):  # type: ignore[misc]
    """A category."""

    name = text_field(lazy_gettext("Name"), 200, DataRequired(lazy_gettext("Enter a name")))
    parent_id = SelectField(lazy_gettext("Parent category"), coerce=int, choices=[])
    position = IntegerField(lazy_gettext("Position"), [Optional(), NumberRange(-1000, 1000)], default=0)

    @property
    def given(self) -> dict[str, Any]:
        """Return the fields as ``save_category`` takes them."""
        return {
            "name": self.name.data,
            "parent_id": self.parent_id.data or None,
            "position": self.position.data or 0,
        }


@blueprint.get("/categories")
def category_list() -> Response:
    """List all categories with their number of products."""
    return _page(None, None)


@blueprint.get(f"/categories/{ID}")
@requires("products.write")
def category_edit(category_id: int) -> Response:
    """Show the form of a category on the page of all."""
    return _page(get_category(category_id), None)


@blueprint.post("/categories")
@requires("products.write")
def category_add() -> AnyResponse:
    """Add a category."""
    return _save(None, _("Category added"))


@blueprint.post(f"/categories/{ID}")
@requires("products.write")
def category_save(category_id: int) -> AnyResponse:
    """Change a category."""
    return _save(get_category(category_id), _("Category saved"))


def _save(category: Any, done: str) -> AnyResponse:
    form = _form(category)
    if form.validate():
        try:
            save_category(category.id if category else None, form.given, signed_in().member.actor)
            return redirect_with_message(url_for("staff.category_list"), done)
        except ShopError as refused:
            if not put_errors(form, refused):
                form.parent_id.errors = [sentence_case(refused.message)]
    return _page(category, form, status=422)


@blueprint.post(f"/categories/{ID}/delete")
@requires("products.write")
def category_remove(category_id: int) -> AnyResponse | str:
    """Delete a category; its products stay."""
    category, here = get_category(category_id), url_for("staff.category_list")
    question = _("Delete the category %(name)s? Its products stay.", name=category.name)
    asked = confirm_first(question, _("Delete category"), here)
    if asked is not None:
        return asked
    delete_category(category_id, signed_in().member.actor)
    return redirect_with_message(here, _("Category deleted"))


def _form(category: Any) -> CategoryForm:
    form = CategoryForm(obj=category)
    others = [one for one in list_categories() if category is None or one.id != category.id]
    form.parent_id.choices = [
        SelectChoice(0, _("None (top level)")),
        *(SelectChoice(one.id, one.name) for one in others),
    ]
    return form


def _page(category: Any, form: CategoryForm | None, *, status: int = 200) -> Response:
    rows = list_categories()
    depths: dict[int | None, int] = {None: -1}
    for row in rows:
        depths[row.id] = depths[row.parent_id] + 1
    return render_page_or_fragment(
        "staff/products/categories.html",
        "staff/products/_categories.html",
        status=status,
        rows=rows,
        depths=depths,
        counts=count_by_category(),
        category=category,
        form=form or _form(category),
    )
