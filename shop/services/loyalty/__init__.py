"""Points: the ledger, earning and reversals, adjustments, one-time codes and redemptions, verification."""
