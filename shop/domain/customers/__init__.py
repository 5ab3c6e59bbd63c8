"""What a customer's record consists of: fields, contact data, countries."""
