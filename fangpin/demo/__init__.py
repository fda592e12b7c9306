"""A fictional population in the real divisions of Zaozhuang, with told stories; the same on every machine."""
