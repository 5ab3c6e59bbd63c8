"""Points: the ledger, awards and their undoing, adjustments, one-time codes and redemptions, reports, the proof."""
