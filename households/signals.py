"""What households tells the apps above it."""

from django.dispatch import Signal

# Sent in the survey's own transaction, with ``survey`` and ``user``; monitoring screens the household.
survey_submitted = Signal()
# Sent in the transaction of a life event or register change, with ``household``; monitoring rescreens it.
household_changed = Signal()
# Sent in the transaction of an import for each household whose rows carry 监测对象类型 and 风险是否消除=否,
# with ``household``, ``monitor_class``, ``decided_on``, ``first_cause``, ``batch`` and ``user``; monitoring
# enters it as designated stock (存量).
stock_found = Signal()
# Sent in the transaction that undoes a batch, with ``batch`` and ``user``.
batch_undone = Signal()
