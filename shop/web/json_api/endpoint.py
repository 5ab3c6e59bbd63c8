"""JSON endpoints: one declaration validates the request, writes the response and describes both for OpenAPI."""

from collections.abc import Callable, Collection
from dataclasses import KW_ONLY, dataclass
from functools import wraps
from typing import Any, Literal

from flask import Response, current_app, request
from pydantic import BaseModel

from shop.web.json_api.idempotency import answer_idempotently
from shop.web.json_api.list_headers import add_etag, add_links, is_list
from shop.web.json_api.requests import json_response, note_unread, read_body, read_form, read_query
from shop.web.pages.view_options import set_options

View = Callable[..., Any]
Access = Literal["public", "api_key", "redemption_token", "shopper_session"]


@dataclass(frozen=True, slots=True)
class endpoint:
    """Make a JSON endpoint of a view.

    The view receives ``query`` and ``body`` as validated models, or ``form`` and the bytes of its ``file`` field, and
    returns a ``response`` model. In the OpenAPI document the first paragraph of its docstring is the summary, the rest
    the description.
    """

    response: type[BaseModel]
    _: KW_ONLY
    tag: str
    access: Access = "public"
    """The permitted callers: the name of the security scheme in the OpenAPI document."""
    status: int = 200
    other_success: int | None = None
    """Another success status; the view then returns the model and its status."""
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    file: str = ""
    file_limit: str = "UPLOAD_MAX_BYTES"
    """The setting with the maximum size of the file."""
    errors: Collection[int] = ()
    """Statuses of the view's own errors. ``statuses`` adds those that follow from the other options."""
    idempotent: bool = False
    """Whether a request may carry an ``Idempotency-Key``."""
    reads_replica: bool = False
    etag: bool = False
    """Whether the response has an ETag, so that `If-None-Match` may get 304. Lists always have one."""

    def __call__(self, view: View) -> View:
        """Return the function that Flask calls."""

        @wraps(view)
        def wrapped(**values: Any) -> Response:
            self._add_input(values)
            if self.idempotent and "HTTP_IDEMPOTENCY_KEY" in request.environ:
                return answer_idempotently(lambda: view(**values), self.status)
            return self._respond(view(**values), values.get("query"))

        return set_options(wrapped, endpoint=self, reads_replica=self.reads_replica)

    def _respond(self, answer: Any, query: BaseModel | None) -> Response:
        answer, status = answer if isinstance(answer, tuple) else (answer, self.status)
        response = json_response(answer, status)
        if query is not None and self.is_list:
            add_links(response, query, answer.data)
        if self.has_etag:
            add_etag(response, is_public=self.access == "public")
        return response

    @property
    def is_list(self) -> bool:
        """Return whether the response is a page of a list, with ``Link``."""
        return is_list(self.query)

    @property
    def has_etag(self) -> bool:
        """Return whether the response has an ``ETag``."""
        return self.etag or self.is_list

    def _add_input(self, values: dict[str, Any]) -> None:
        """Add the validated query, body or form to the view's arguments."""
        if self.query is not None:
            values["query"] = read_query(self.query)
        if self.body is not None:
            values["body"] = read_body(self.body)
        if self.form is not None:
            values["form"], values["file"] = read_form(self.form, self.file, current_app.config[self.file_limit])
        note_unread(query=self.query is not None, body=self.body is not None or self.form is not None)

    @property
    def statuses(self) -> list[int]:
        """Return the success status, then those of all errors in order."""
        has_body = self.body is not None or self.form is not None
        errors = {400, 429, 500, 503, *self.errors}
        errors |= {401, 403} if self.access == "api_key" else {404}
        errors |= {401} if self.access == "redemption_token" else set()
        errors |= {401, 403} if self.access == "shopper_session" else set()
        errors |= {414} if self.query is not None else set()
        errors |= {403, 413, 415} if has_body else set()
        errors |= {409, 422} if self.idempotent else set()
        return [*self.successes, *sorted(errors)]

    @property
    def successes(self) -> list[int]:
        """Return the success statuses."""
        return [self.status] if self.other_success is None else [self.status, self.other_success]
