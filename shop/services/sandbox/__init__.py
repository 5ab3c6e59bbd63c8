"""Sandbox shops: a clock that can be moved, messages that are not sent, data that can be reset."""
