"""Times of what must stay fast."""
