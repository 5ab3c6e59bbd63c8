"""The demo storefront in Firefox: the widget, and a whole order with points, with third-party cookies blocked."""
