"""Domain events: recorded in the transaction of the change, numbered after its commit, read in order."""
