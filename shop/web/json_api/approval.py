"""The response to a change that waits for a second person's approval."""

from shop.schemas.envelope import Problem
from shop.services.errors import Conflict
from shop.web.error_handlers import problem_of


def approval_requested() -> tuple[Problem, int]:
    """Return the problem and its status. Not raised: the request for approval stays."""
    held = Conflict(
        "Nothing was changed yet: a change this large needs the approval of a second manager or owner, who were asked "
        "for it.",
        code="approval_required",
    )
    return problem_of(held), 409
