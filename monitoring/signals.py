"""What monitoring tells the apps above it."""

from django.dispatch import Signal

# Sent in the step's own transaction, with ``case``, ``step`` and ``user``.
case_moved = Signal()
