"""What monitoring tells, and asks, the apps above it."""

import datetime

from django.dispatch import Signal

# What apps above put into somebody's inbox: kind, title, detail, address, due.
InboxLine = tuple[str, str, str, str, datetime.date | None]

# Sent in the step's own transaction, with ``case``, ``step`` (its name) and ``user``.
case_moved = Signal()
# Sent in the transaction in which something is put on a case's record that moves it nowhere, with ``case``, ``step`` and ``user``.
case_noted = Signal()
# Sent in the transaction in which a second person accepts a correction of the 帮扶联系人, with ``household``, ``new``
# ({"name", "unit"}), ``begun_on`` and ``user``; assistance changes the helper.
correction_accepted = Signal()
# Asks who keeps in touch with a household now, with ``household``; assistance answers {"name", "unit"} or None.
contact_asked = Signal()
# Asks which measures are in place for a household, with ``household`` and ``on``; assistance answers their names.
measures_asked = Signal()
# Sent in the transaction in which a notice is posted or is over, with ``notice``; the public pages are told.
notice_changed = Signal()
# Sent in the transaction in which a district switches its public notices on or off, with ``district``.
web_notices_switched = Signal()
# Asked for somebody's inbox, with ``user``; apps above answer lines.
work_asked = Signal()
# Asked for the menu on every page, with ``user``; apps above answer how many lines they would answer, counted and not read.
work_counted = Signal()
