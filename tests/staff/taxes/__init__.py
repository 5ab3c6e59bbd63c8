"""Tests of the taxes page."""
