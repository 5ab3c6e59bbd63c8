"""Error pages within the staff layout, so that the navigation stays."""

from flask import current_app, render_template, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException

from shop.db.tenant import use_shop
from shop.staff.page_context import common
from shop.staff.session import signed_in
from shop.web.i18n import use_member_language

STATUSES = frozenset({400, 403, 404, 405, 409, 413, 429})


def render(status: int, message: str) -> str | None:
    """Return the error page for signed-in staff; None if the plain page must be used."""
    if status not in STATUSES or not current_user.is_authenticated:
        return None
    member = signed_in().member
    use_shop(member.shop_id)
    use_member_language(member.language)
    above = _page_above(request.path) if status == 405 else None
    return render_template("staff/error.html", status=status, message=message, above=above, **common())


def _page_above(path: str) -> str | None:
    """Return the page to which the address of a form belongs, as a reload opens it; None if there is none."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    while path := path.rpartition("/")[0]:
        try:
            adapter.match(path, method="GET")
        except HTTPException:
            continue
        return path
    return None
