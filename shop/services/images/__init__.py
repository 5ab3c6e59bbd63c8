"""Uploaded pictures of products and logos: converted and stored."""
