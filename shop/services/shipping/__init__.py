"""Records of delivery zones and methods. services/catalogue/shipping.py chooses those for an address."""
