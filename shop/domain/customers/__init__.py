"""The parts of a customer's record: fields, contact data, countries."""
