"""The checkout door: the embedded checkout, iframe pages for the shop of the host that was called."""
