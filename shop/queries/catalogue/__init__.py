"""Lists of products for staff and the admin API."""
