"""What an event of the trace says in words: the details that were recorded with it, named in Chinese."""

from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model

from accounts.models import AuditEvent

LABELS = {
    "after": "改为",
    "amount": "金额（元）",
    "before": "原来",
    "attachment_kind": "附件种类",
    "begins_on": "从",
    "begun_on": "从",
    "close_reason": "办结原因",
    "bytes": "文件大小（字节）",
    "days": "日子",
    "cases": "涉及户数",
    "decisions": "议定件数",
    "done": "已落实",
    "due_on": "期限",
    "ended_on": "到",
    "ends_on": "到",
    "fields": "改了",
    "form": "形式",
    "for_a_colleague": "替同事录入",
    "for_colleague": "替同事录入",
    "from_day": "从",
    "from_stage": "原环节",
    "full_ids": "含完整证件号",
    "helpers": "联系人",
    "households": "户数",
    "kept": "没有撤的户",
    "key": "参数",
    "item": "项目",
    "keyed_on": "录入日期",
    "kind": "种类",
    "lead_source": "来源",
    "level": "等级",
    "measure": "措施",
    "measures": "措施",
    "members": "人数",
    "missing": "名册里没有的户",
    "mode": "方式",
    "mood": "家里情况",
    "move": "变化",
    "note": "说明",
    "notice_kind": "公示种类",
    "number": "编号",
    "channel": "渠道",
    "upheld": "成立",
    "on": "日期",
    "outcome": "系统提示",
    "page": "第几页",
    "people": "人数",
    "purpose": "用途",
    "reason": "原因",
    "role": "岗位",
    "rows": "行数",
    "runs_until": "到期日期",
    "step": "进度",
    "rules": "符合的规则",
    "ruleset": "规则集",
    "sha256": "文件校验码",
    "signed_on": "签字日期",
    "source": "来源",
    "status": "结果",
    "task_kind": "什么事",
    "way": "方式",
    "closed_on": "解决日期",
    "stock": "存量户",
    "title": "事项",
    "to_stage": "现环节",
    "username": "账号",
    "value": "值",
    "values": "草案",
    "visited_on": "入户日期",
    "what": "看的是",
    "whose": "哪些户",
    "places": "名额",
    "wage": "工资（元）",
    "month": "月份",
    "attended_days": "出勤天数",
    "paid_on": "发放日期",
    "papers": "凭证份数",
    "received": "收到（元）",
    "passed": "结业",
    "trainee_outcome": "培训后",
}
# Keys of rows say nothing to a reader: the household is opened by its link instead.
BARE_KEYS = {"assigned_to", "batch", "household", "member", "other"}
# Codes are shown as the label of the column that they were written to.
COLUMNS = {
    "form": "assistance.DossierJob.form",
    "whose": "assistance.DossierJob.whose",
    "attachment_kind": "households.Attachment.kind",
    "close_reason": "monitoring.Lead.reason",
    "channel": "monitoring.Objection.channel",
    "notice_kind": "monitoring.Notice.kind",
    "from_stage": "monitoring.Case.stage",
    "kind": "households.LifeEvent.kind",
    "lead_source": "monitoring.LeadEvidence.source",
    "to_stage": "monitoring.Case.stage",
    "outcome": "monitoring.Assessment.outcome",
    "measure": "assistance.Delivery.column",
    "mood": "assistance.Visit.mood",
    "task_kind": "assistance.GuaranteeTask.kind",
    "way": "assistance.Visit.way",
    "trainee_outcome": "assistance.Trainee.outcome",
    "role": "accounts.Posting.role",
    "status": "households.ImportRow.status",
    "households": "households.ImportRow.status",
    "people": "households.ImportRow.status",
}
WORDS = {
    "create_administrator": "服务器命令",
    "id_number": "证件号码",
    "identity": "核对身份",
    "assistance": "办理救助或帮扶",
    "contact": "联系本人",
    "contact_phone": "走访时打的电话",
    "hand_ledger": "手工台账",
    "other": "其他",
    "phone": "电话",
    "roster": "农户名册",
}


# What tells of the negative list, or of who may be poor: for who handles the case, not for who only reads.
FOR_OFFICES = {"actions": ("case.explain_hold",), "details": ("rules",)}


def details(event: AuditEvent, *, for_office: bool = True) -> list[tuple[str, str]]:
    """Label and value of every detail that a person can read; blanks and bare keys are left out."""
    model = _target_model(event)
    hidden = () if for_office else FOR_OFFICES["details"]
    told = {key: value for key, value in event.detail.items() if _worth(key, value) and key not in hidden}
    return [(_label(key), _value(key, value, model)) for key, value in told.items()]


def household_key(event: AuditEvent) -> str:
    """The key of the household that the event is about, or nothing."""
    label, _, key = event.target.partition(":")
    return key if label == "households.household" else str(event.detail.get("household") or "")


def _target_model(event: AuditEvent) -> type[Model] | None:
    """The model that the event is about; None where it is about none, or about one that is gone."""
    label = event.target.partition(":")[0]
    try:
        return apps.get_model(label) if label else None
    except LookupError:
        return None


def _worth(key: str, value: Any) -> bool:
    return key not in BARE_KEYS and value not in (None, "", False, [], {})


def _label(key: str) -> str:
    """The name of a detail; ``households.new`` is a count of households whose rows are new."""
    of, _, code = key.partition(".")
    return f"{LABELS.get(of, of)}（{_choice(of, code)}）" if code else LABELS.get(key, key)


def _value(key: str, value: Any, model: type[Model] | None) -> str:
    if value is True:
        return "是"
    if isinstance(value, dict):
        return "，".join(f"{_choice(key, str(one))} {count}" for one, count in value.items() if count)
    if isinstance(value, list):
        return "、".join(_value(key, one, model) for one in value if one is not None)
    if key == "fields" and (column := _column(model, str(value))):
        return str(column.verbose_name)
    return _choice(key, str(value))


def _choice(key: str, code: str) -> str:
    """The label of a code, where the detail is written to a column with choices."""
    place, _, name = COLUMNS.get(key, "").rpartition(".")
    column = _column(apps.get_model(place), name) if place else None
    labels = dict(column.flatchoices) if column is not None else {}
    return str(labels.get(code, WORDS.get(code, code)))


def _column(model: type[Model] | None, name: str) -> Field | None:
    try:
        found = model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, Field) else None
