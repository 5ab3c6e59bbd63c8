"""Text as typed, stored, compared and translated."""
