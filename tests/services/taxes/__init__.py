"""Tests of the tax classes."""
