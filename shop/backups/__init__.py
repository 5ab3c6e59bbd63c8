"""Backups: one file that holds the database and the instance folder's files, and proves that it is whole."""
