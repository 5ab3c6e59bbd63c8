"""The attack script: its list is complete, and it fails if an attack succeeds."""

from pathlib import Path

import pytest

import bench.attack.bodies
import bench.attack.pages
import bench.attack.shoppers
import bench.attack.staff
import bench.attack.strangers  # noqa: F401
from bench.attack.__main__ import run_attack
from bench.attack.client import Target
from bench.attack.registry import ATTACKS, NOT_BY_HTTP, Attack

ROOT = Path(__file__).parents[2]


def test_each_attack_has_a_place_and_a_name_of_its_own():
    numbers = [attack.number for attack in ATTACKS] + list(NOT_BY_HTTP)
    assert sorted(numbers) == list(range(1, 80))
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("where", sorted({one for _, paths in NOT_BY_HTTP.values() for one in paths.split(", ")}))
def test_the_tests_that_make_the_other_attacks_exist(where):
    assert (ROOT / where).exists()


@pytest.mark.parametrize(("holds", "word"), [(True, "HOLDS"), (False, "TAKEN")])
def test_what_gets_through_is_named(capsys, holds, word):
    attack = Attack(1, "a try", lambda _target: iter([("a request", 200, holds)]))
    assert run_attack(attack, Target("http://127.0.0.1:1", {})) is holds
    assert capsys.readouterr().out.startswith(f"{word}  1 a try (1 tried)")


def test_an_attack_that_breaks_counts_as_one_that_got_through(capsys):
    attack = Attack(1, "a try", lambda target: iter([("nobody there", target.product(), True)]))
    assert not run_attack(attack, Target("http://127.0.0.1:1", {}))
    assert "TAKEN" in capsys.readouterr().out
