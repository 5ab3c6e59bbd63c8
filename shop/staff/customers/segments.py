"""Segments: list, edit with a live count, save, delete."""

from typing import Any, Final

from flask import Response, request, url_for
from flask_babel import get_locale, lazy_gettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from shop.domain.customers.segments import MOST_CONDITIONS, OPERATORS, Condition, SegmentRules
from shop.domain.numbers import decimal_mark
from shop.queries.customers.filter_choices import list_products_by_name, list_tags
from shop.queries.customers.list import CustomerFilters, count_matching
from shop.services.customers.segments import delete_segment, get_segment, list_segments, save_segment
from shop.services.errors import InvalidInput
from shop.staff import blueprint
from shop.staff.permissions import requires
from shop.staff.privacy.labels import CONSENTS
from shop.staff.session import signed_in
from shop.web.i18n import sentence_case
from shop.web.pages.formats import in_field, shop_settings
from shop.web.pages.htmx import confirm_first, redirect_with_message, render_page_or_fragment
from shop.web.pages.view_options import reads_replica

SEGMENT = "/customers/segments/<id:segment_id>"
FIELD_NAMES: Final = {
    "orders": lazy_gettext("Number of orders"),
    "spent": lazy_gettext("Amount spent"),
    "last_order": lazy_gettext("Last order"),
    "bought": lazy_gettext("Product"),
    "points": lazy_gettext("Points balance"),
    "member": lazy_gettext("Loyalty programme"),
    "consent": lazy_gettext("Consent"),
    "tag": lazy_gettext("Tag"),
    "area": lazy_gettext("Area"),
    "birthday": lazy_gettext("Birthday"),
    "added": lazy_gettext("Customer since"),
}
OPERATOR_NAMES: Final = {
    "at_least": lazy_gettext("at least"),
    "at_most": lazy_gettext("at most"),
    "within_days": lazy_gettext("in the last (days):"),
    "not_within_days": lazy_gettext("more than (days) ago:"),
    "since": lazy_gettext("on or after"),
    "before": lazy_gettext("before"),
    "never": lazy_gettext("never"),
    "has": lazy_gettext("has"),
    "has_not": lazy_gettext("does not have"),
    "is": lazy_gettext("is"),
    "is_not": lazy_gettext("is not"),
    "in_month": lazy_gettext("in the month"),
}
OWN_OPERATORS: Final = {
    ("bought", "has"): lazy_gettext("was bought"),
    ("bought", "has_not"): lazy_gettext("was not bought"),
    ("member", "has"): lazy_gettext("joined"),
    ("member", "has_not"): lazy_gettext("has not joined"),
    ("consent", "has"): lazy_gettext("given to"),
    ("consent", "has_not"): lazy_gettext("not given to"),
    ("birthday", "within_days"): lazy_gettext("in the next (days):"),
}


def operator_name(field: str, operator: str) -> str:
    """Return the displayed name of an operator."""
    return str(OWN_OPERATORS.get((field, operator)) or OPERATOR_NAMES[operator])


class SegmentForm:
    """The conditions in a form with their errors; ``rules`` has the valid ones."""

    def __init__(self, sent: MultiDict[str, str]) -> None:
        rows = list(zip(*(sent.getlist(name) for name in ("field", "operator", "value")), strict=False))
        removed = sent.get("remove", "")
        self.rows = [row for place, row in enumerate(rows[:MOST_CONDITIONS]) if str(place) != removed]
        self.rows = [self._matching(row) for row in self.rows]
        if "add" in sent or not self.rows:
            self.rows.append(("orders", "at_least", ""))
        self.any_of = sent.get("match") == "any"
        self.name = sent.get("name", "").replace("\0", "")
        self.errors: dict[int, str] = {}
        self.conditions = [found for place, row in enumerate(self.rows) if (found := self._read(place, row))]

    @classmethod
    def of(cls, name: str, rules: SegmentRules) -> "SegmentForm":
        """Return the form of a segment."""
        sent = MultiDict([("name", name), ("match", "any" if rules.any_of else "all")])
        for one in rules.conditions:
            shown = one._replace(value=in_field(one.value)) if one.kind == "money" else one
            for key, value in zip(("field", "operator", "value"), shown, strict=True):
                sent.add(key, value)
        return cls(sent)

    @staticmethod
    def _matching(row: tuple[str, str, str]) -> tuple[str, str, str]:
        """Return the row with an operator that its field supports, after the field was changed."""
        field = row[0] if row[0] in OPERATORS else "orders"
        operators = OPERATORS[field]
        return (field, row[1] if row[1] in operators else next(iter(operators)), row[2].replace("\0", ""))

    def _read(self, place: int, row: tuple[str, str, str]) -> Condition | None:
        settings = shop_settings()
        try:
            return Condition.read(*row, decimal_mark(settings.country), settings.currency)
        except ValueError as wrong:
            self.errors[place] = sentence_case(str(wrong))
            return None

    @property
    def rules(self) -> SegmentRules:
        """The valid conditions."""
        return SegmentRules(tuple(self.conditions), self.any_of)


@blueprint.get("/customers/segments")
def segment_list() -> Response:
    """List the shop's segments."""
    page = "staff/customers/segments.html"
    return render_page_or_fragment(page, page, segments=list_segments(), form=FlaskForm(), describe=describe)


@blueprint.get("/customers/segments/new")
@reads_replica
def segment_new() -> Response:
    """Show the form for a new segment; htmx requests it again after each change."""
    return _page(SegmentForm(request.args))


@blueprint.get(SEGMENT)
@reads_replica
def segment_show(segment_id: int) -> Response:
    """Show the form of a segment."""
    segment = get_segment(segment_id)
    sent = "field" in request.args
    draft = SegmentForm(request.args) if sent else SegmentForm.of(segment.name, SegmentRules.from_json(segment.rules))
    return _page(draft, segment_id=segment_id)


@blueprint.get(f"{SEGMENT}/count")
@reads_replica
def segment_count(segment_id: int) -> Response:
    """Show the number of customers in a segment."""
    filters = CustomerFilters(rules=SegmentRules.from_json(get_segment(segment_id).rules))
    page = "staff/customers/_segment_count.html"
    return render_page_or_fragment(page, page, count=count_matching(filters), segment_id=segment_id)


@blueprint.post("/customers/segments")
@requires("customers.edit")
def segment_add() -> AnyResponse:
    """Add a segment."""
    return _save(None)


@blueprint.post(SEGMENT)
@requires("customers.edit")
def segment_save(segment_id: int) -> AnyResponse:
    """Change a segment."""
    get_segment(segment_id)
    return _save(segment_id)


def _save(segment_id: int | None) -> AnyResponse:
    draft = SegmentForm(request.form)
    if not FlaskForm().validate() or draft.errors:
        return _page(draft, 422, segment_id=segment_id)
    try:
        saved = save_segment(draft.name, draft.rules, signed_in().member.actor, segment_id=segment_id)
    except InvalidInput as refused:
        return _page(draft, 422, segment_id=segment_id, wrong=sentence_case(refused.errors[0].message))
    address = url_for("staff.customer_list", segment=saved.id)
    return redirect_with_message(address, _("Segment saved: %(name)s", name=saved.name))


@blueprint.post(f"{SEGMENT}/delete")
@requires("customers.edit")
def segment_delete(segment_id: int) -> AnyResponse | str:
    """Delete a segment, after a confirmation."""
    here = url_for("staff.segment_list")
    question = _("Delete the segment %(name)s? No customer is deleted.", name=get_segment(segment_id).name)
    asked = confirm_first(question, _("Delete segment"), here)
    if asked is not None:
        return asked
    name = delete_segment(segment_id, signed_in().member.actor)
    return redirect_with_message(here, _("Segment deleted: %(name)s", name=name))


def _page(draft: SegmentForm, status: int = 200, *, segment_id: int | None = None, wrong: str = "") -> Response:
    shown = {
        "draft": draft,
        "segment_id": segment_id,
        "wrong": wrong,
        "form": FlaskForm(),
        "count": count_matching(CustomerFilters(rules=draft.rules)) if draft.conditions else None,
        "fields": FIELD_NAMES,
        "operators": OPERATORS,
        "operator_name": operator_name,
        "choices": _choices(draft),
    }
    return render_page_or_fragment(
        "staff/customers/segment.html", "staff/customers/_segment.html", status=status, **shown
    )


def _choices(draft: SegmentForm) -> dict[str, list[tuple[str, str]]]:
    """Return the options for the kinds of values in the form."""
    kinds = {OPERATORS[field][operator] for field, operator, _value in draft.rows}
    found: dict[str, list[tuple[str, str]]] = {}
    if "month" in kinds:
        names = get_locale().months["stand-alone"]["wide"]
        found["month"] = [(str(number), names[number]) for number in range(1, 13)]
    if "consent" in kinds:
        found["consent"] = [(str(kind), str(word)) for kind, word in CONSENTS.items()]
    if "tag" in kinds:
        found["tag"] = [(tag, tag) for tag in list_tags()]
    if "product" in kinds:
        found["product"] = [(str(number), name) for number, name in list_products_by_name()]
    return found


def describe(rules: dict[str, Any]) -> list[str]:
    """Return a segment's conditions as text."""
    found = SegmentRules.from_json(rules)
    return [
        " ".join(filter(None, (str(FIELD_NAMES[one.field]), operator_name(one.field, one.operator), _shown(one))))
        for one in found.conditions
    ]


def _shown(condition: Condition) -> str:
    if condition.kind == "consent":
        return str(CONSENTS.get(condition.value, condition.value))
    if condition.kind == "month":
        return str(get_locale().months["stand-alone"]["wide"][int(condition.value)])
    if condition.kind == "product":
        names = dict(list_products_by_name(int(condition.value)))
        return names.get(int(condition.value), _("a deleted product"))
    return condition.value
