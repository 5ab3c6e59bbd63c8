"""Pure arithmetic and parsing: no framework, no database, no clock."""
