"""Mails: their texts, languages and occasions."""
