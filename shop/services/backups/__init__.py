"""Backups of the installation as staff see them. What writes the file is in ``shop/backups``."""
