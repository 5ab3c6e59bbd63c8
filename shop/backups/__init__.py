"""Backups: one verified file with the database and the instance folder's files."""
