"""The mutants of a module: each has one changed operator, constant or condition."""

import ast
import copy
from collections.abc import Iterator
from typing import Final, NamedTuple

SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
SWAPPED_NAMES: Final = {"min": "max", "max": "min", "floor": "ceil", "any": "all", "all": "any"}


class Mutant(NamedTuple):
    """A changed module: its source, the line, and what was changed."""

    line: int
    what: str
    source: str


def mutants_of(source: str) -> Iterator[Mutant]:
    """Return every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    places = sorted(_places(tree), key=lambda place: place[0])
    for number, (line, _) in enumerate(places):
        changed = copy.deepcopy(tree)
        change = sorted(_places(changed), key=lambda place: place[0])[number][1]
        what = change()
        yield Mutant(line, what, ast.unparse(ast.fix_missing_locations(changed)))


def _places(tree: ast.Module) -> list[tuple[int, "_Change"]]:
    """Return the line and the change of each place; annotations, docstrings and messages are left alone."""
    found = []
    for node in _run_nodes(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPPED:
            if not _joins_types(node):
                found.append((line, _Change(node, "op")))
        elif isinstance(node, ast.Compare):
            found.extend((line, _Change(node, "ops", index)) for index in range(len(node.ops)))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            found.append((line, _Change(node, "not")))
        elif isinstance(node, ast.If | ast.IfExp):
            found.append((line, _Change(node, "test")))
        elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int):
            found.append((line, _Change(node, "value")))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SWAPPED_NAMES:
            found.append((line, _Change(node, "call")))
    return found


def _joins_types(node: ast.BinOp | ast.BoolOp) -> bool:
    """Return whether ``|`` or ``+`` joins texts or types rather than numbers."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant)


def _run_nodes(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child
                yield from _run_nodes(child)


class _Change:
    """One change to one node, made when it is called."""

    def __init__(self, node: ast.AST, field: str, index: int = 0) -> None:
        self._node, self._field, self._index = node, field, index

    def __call__(self) -> str:
        """Make the change and return what it was."""
        before = ast.unparse(self._node)
        match self._node, self._field:
            case ast.BinOp() | ast.BoolOp() as node, "op":
                node.op = SWAPPED[type(node.op)]()  # type: ignore[assignment]
            case ast.Compare() as node, _:
                node.ops[self._index] = SWAPPED[type(node.ops[self._index])]()  # type: ignore[call-overload]
            case ast.UnaryOp() as node, _:
                node.op, node.operand = ast.Not(), ast.UnaryOp(ast.Not(), node.operand)
            case (ast.If() | ast.IfExp()) as node, _:
                before, node.test = ast.unparse(node.test), ast.UnaryOp(ast.Not(), node.test)
                return f"{before}  →  not ({before})"
            case ast.Constant() as node, _:
                node.value = not node.value if isinstance(node.value, bool) else node.value + 1  # type: ignore[operator]
            case ast.Call(func=ast.Name() as name), _:
                name.id = SWAPPED_NAMES[name.id]
        return f"{before}  →  {ast.unparse(self._node)}"
