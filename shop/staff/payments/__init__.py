"""Pages of received payments: a day's reconciliation, and claims."""
