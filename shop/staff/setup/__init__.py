"""The steps of setting up a shop, on the overview."""
