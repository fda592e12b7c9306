"""The peers that compute outside the database; they need requirements-bench.txt and nothing of the product."""
