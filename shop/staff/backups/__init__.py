"""Backups of the installation. For owners."""
