"""Backup runs for the staff pages. ``shop/backups`` writes the files."""
