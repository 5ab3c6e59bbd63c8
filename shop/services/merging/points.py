"""Move a customer's points, lifetime sum and shortfall to another by ledger entries."""

from shop.domain.statuses import EntryKind
from shop.services.actors import Actor
from shop.services.loyalty.ledger import Movement, find_account, move_points


def move_all_points(source_id: int, target_id: int, merge_id: int, actor: Actor) -> tuple[int, int, int]:
    """Move all points of a customer to another; return points, lifetime sum and shortfall that moved."""
    account = find_account(source_id)
    if account is None:
        return 0, 0, 0
    amounts = account.points_balance, account.lifetime_earned, account.shortfall
    move_amounts(source_id, target_id, amounts, f"merge:{merge_id}", actor)
    return amounts


def move_amounts(source_id: int, target_id: int, amounts: tuple[int, int, int], name: str, actor: Actor) -> None:
    """Move points, lifetime sum and shortfall between customers. The keys contain the merge's ``name``.

    Earned points stay earned points, so that a later cancellation finds them in the sum. The source's balance never
    goes below zero: entries that add to it are written first.
    """
    points, earned, shortfall = amounts
    parts = [(EntryKind.MERGED_EARNED, earned, 0), (EntryKind.MERGED, points - earned, shortfall)]
    parts = [part for part in parts if part[1]]
    for customer_id, sign, side in ((source_id, -1, "from"), (target_id, 1, "into")):
        for kind, amount, short in sorted(parts, key=lambda part: -sign * part[1]):
            movement = Movement(
                kind=kind,
                points=sign * amount,
                shortfall=sign * short,
                idempotency_key=f"{name}:{side}:{kind}",
                actor=actor,
                note=f"Merge {name.partition(':')[2]}",
                meta={"merge": name, "from": source_id, "into": target_id},
            )
            move_points(customer_id, movement)
