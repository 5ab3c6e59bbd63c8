"""Settings, Webhooks: endpoints and their deliveries. For owners."""
