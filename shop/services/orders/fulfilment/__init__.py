"""What happens to an order after it was placed: delivery, and undoing what was marked by mistake."""
