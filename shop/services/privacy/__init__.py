"""Data protection: requests, consents, erasure, retention."""
