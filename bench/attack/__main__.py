"""Attack a running demo shop: ``python -m bench.attack URL [DEMO.JSON]``.

Tries what a security review tried, against a shop that ``tuza up`` made, and prints for each whether it was refused.
It orders, makes customers and uses up limits, so run it against a shop of its own, restarted before the next run.
``DEMO.JSON`` (or the variable DEMO; ``instance/demo.json`` by default) has the keys of the shop. Exits with 1 if
anything got through; ``-v`` prints every answer. What needs more than an address is listed with its test.
"""

import json
import os
import sys
from pathlib import Path

import bench.attack.bodies
import bench.attack.pages
import bench.attack.shoppers
import bench.attack.staff
import bench.attack.strangers  # noqa: F401
from bench.attack.client import Target
from bench.attack.registry import ATTACKS, NOT_BY_HTTP, Attack


def run_attack(attack: Attack, target: Target) -> bool:
    """Try one attack and print its result; return whether it was refused."""
    try:
        tried = list(attack.run(target))
    except Exception as error:
        tried = [("the attack itself", repr(error), False)]
    wrong = [(what, got) for what, got, holds in tried if not holds or "-v" in sys.argv]
    refused = all(holds for _what, _got, holds in tried)
    print(f"{'HOLDS' if refused else 'TAKEN'}  {attack.number} {attack.name} ({len(tried)} tried)", flush=True)
    for what, got in wrong:
        print(f"       {what}: {got}")
    return refused


def main(arguments: list[str]) -> int:
    """Run all attacks in order; return the exit code."""
    if not arguments:
        print(__doc__)
        return 2
    path = Path(arguments[1] if len(arguments) > 1 else os.environ.get("DEMO", "instance/demo.json"))
    target = Target(arguments[0].rstrip("/"), json.loads(path.read_text()))
    attacks = sorted(ATTACKS, key=lambda attack: (attack.late, attack.number))
    refused = sum(run_attack(attack, target) for attack in attacks)
    for number, (name, where) in NOT_BY_HTTP.items():
        print(f"TEST   {number} {name}: {where}")
    print(f"{refused} of {len(attacks)} attacks by HTTP refused; {len(NOT_BY_HTTP)} more are made by tests")
    return 0 if refused == len(attacks) else 1


if __name__ == "__main__":
    sys.exit(main([argument for argument in sys.argv[1:] if argument != "-v"]))
