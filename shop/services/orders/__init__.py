"""Orders: placed by customers, recorded by staff and programs, changed, and loaded."""
