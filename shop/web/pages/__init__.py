"""Pages: forms, htmx, formats, exports."""
