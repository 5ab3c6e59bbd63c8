"""The application class."""

from collections.abc import Callable

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule

pytestmark = pytest.mark.one_engine


def test_a_start_compiles_no_url_and_each_rule_compiles_its_own_once(
    make_private_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[str] = []
    compile_builder = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compiled.append(rule.rule)
        return compile_builder(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    app = make_private_app()
    assert compiled == []

    with app.test_request_context():
        urls = [url_for("static", filename="site.css", rule=value) for value in ("a", "b")]
    assert urls == ["/static/site.css?rule=a", "/static/site.css?rule=b"]
    assert compiled == ["/static/<path:filename>"]
