"""What the tests stand on: engines, applications, clients."""
