"""Products and categories on staff pages."""
