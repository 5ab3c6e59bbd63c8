"""The signed-in person's own account: password, devices, second factor."""
