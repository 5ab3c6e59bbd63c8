"""Error pages within the staff layout, so that the navigation stays."""

from flask import render_template, request
from flask_login import current_user

from shop.db.tenant import use_shop
from shop.staff.page_context import common
from shop.staff.session import signed_in
from shop.web.i18n import use_member_language
from shop.web.pages.page_above import page_above

STATUSES = frozenset({400, 403, 404, 405, 409, 413, 429})


def render(status: int, message: str) -> str | None:
    """Return the error page for signed-in staff; None if the plain page must be used."""
    if status not in STATUSES or not current_user.is_authenticated:
        return None
    member = signed_in().member
    use_shop(member.shop_id)
    use_member_language(member.language)
    above = page_above(request.path) if status == 405 else None
    return render_template("staff/error.html", status=status, message=message, above=above, **common())
