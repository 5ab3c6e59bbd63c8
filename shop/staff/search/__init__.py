"""Global search over customers, orders, products, settings and pages."""
