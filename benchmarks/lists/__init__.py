"""A department's list of 100,000 lines matched and written, beside the usual way of the ORM."""
