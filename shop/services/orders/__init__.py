"""Orders: placed by shoppers, recorded by staff and programs, moved through their states, found again."""
