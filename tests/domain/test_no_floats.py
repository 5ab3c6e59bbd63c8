"""Money and points are exact: no module that calculates them uses floats."""

import ast
from pathlib import Path

import pytest

import shop

ROOT = Path(shop.__file__).parent
FILES = sorted(
    path.relative_to(ROOT) for package in ("domain", "services", "models") for path in (ROOT / package).rglob("*.py")
)


def floats_in(tree: ast.AST) -> list[int]:
    """Return the lines with a float literal, the name ``float``, or a true division of anything but exact numbers."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Attribute) and node.attr in {"Float", "REAL", "Double"})
    ]


def test_no_float_counts_money_or_points():
    found = {path: floats_in(ast.parse((ROOT / path).read_text())) for path in FILES}
    assert found
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("code", ["x = 0.5", "float('1')", "def f(x: float): pass", "sa.Float()"])
def test_a_float_would_be_found(code):
    assert floats_in(ast.parse(code))
