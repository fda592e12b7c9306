"""What monitoring tells, and asks, the apps above it."""

from django.dispatch import Signal

# Sent in the step's own transaction, with ``case``, ``step`` (its name) and ``user``.
case_moved = Signal()
# Sent in the transaction in which a second person accepts a correction of the 帮扶联系人, with ``household``, ``new``
# ({"name", "unit"}), ``begun_on`` and ``user``; assistance changes the helper.
correction_accepted = Signal()
# Asks who keeps in touch with a household now, with ``household``; assistance answers {"name", "unit"} or None.
contact_asked = Signal()
