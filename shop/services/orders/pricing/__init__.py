"""Prices of an order: lines, discounts, delivery, taxes and points, before anything is stored."""
