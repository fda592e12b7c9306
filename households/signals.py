"""What households tells the apps above it."""

from django.dispatch import Signal

# Sent in the survey's own transaction, with ``survey`` and ``user``; monitoring screens the household.
survey_submitted = Signal()
# Asked when a survey form is shown, with ``household`` and ``on``: the line that income per head is shown against, as
# (fen, label), or None; and the months of the accounting period. The first receiver that answers is believed.
income_line_asked = Signal()
accounting_months_asked = Signal()
# Asked when a survey form is shown or read, with ``household`` and ``on``: the names of the further questions that the
# policy asks of this household (households.questions.STABLE_INCOME, LEVEL_TWO, KEY_GROUPS); all that answer are heard.
survey_questions_asked = Signal()
# Sent in the transaction of a life event or register change, with ``household``; monitoring rescreens it.
household_changed = Signal()
# Sent in the transaction of a split or merge, with ``old`` and ``new`` (the same person's rows in the two
# households), ``on`` and ``user``; what goes with the person is carried over.
member_moved = Signal()
# Sent in the transaction of an import for each household whose rows carry 监测对象类型 and 风险是否消除=否,
# with ``household``, ``monitor_class``, ``decided_on``, ``first_cause``, ``batch`` and ``user``; monitoring
# enters it as designated stock (存量).
stock_found = Signal()
# Sent in the transaction that writes a ledger kept by hand, once for each person's row, with ``household``, ``member``,
# ``measures`` (values of assistance's LedgerColumn whose column is ticked, in the order of the form), ``main_risk`` (a label
# of codes.RiskCause, or empty), ``helper_name``, ``helper_unit``, ``decided_on`` (认定时间; the first of the month where
# the form names no day), ``monitor_class`` (codes.MonitorClass, by the part of the form), ``batch`` and ``user``.
# 主要返贫风险, contact and 认定时间 are the household's and come with every one of its rows.
ledger_row_found = Signal()
# Sent in the first transaction of the undoing of a batch, with ``batch`` and ``user``, before the register's rows are
# taken back; what depends on it and was not used since is removed. Sent again when the undoing is ordered again.
batch_undone = Signal()
# Asked when somebody in whose region a sensitive attachment lies opens it, with ``attachment`` and ``user``; the app
# that owns it answers True for those who handle what it proves. Without such an answer nobody opens it.
sensitive_attachment_asked = Signal()
# Asked when the timeline of a household is shown, with ``household``; apps above answer a list of households.timeline.Entry.
timeline_asked = Signal()
# Asked when the 帮扶 tab of a household is shown, with ``household`` and ``user``; apps above answer households.cards.Card.
assistance_asked = Signal()
