"""Data protection: requests of people, consents, erasure, retention."""
