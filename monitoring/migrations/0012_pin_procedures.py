"""Cases that were open before procedures were pinned keep the steps that they were walking: those of 枣庄2020, whatever the rule set."""

import hashlib
import json

from django.db import migrations

DOCUMENT = "枣扶贫组办字〔2020〕4号"
STEPS = (
    ("survey", "入户调查", f"{DOCUMENT} 三（二）：入户调查"),
    ("meeting", "民主评议", f"{DOCUMENT} 三（二）：民主评议"),
    ("notice", "村内公示", f"{DOCUMENT} 三（二）：村内公示"),
    ("town", "镇（街）认定", f"{DOCUMENT} 三（二）：镇（街）级……进行认定"),
    ("district", "报区（市）", f"{DOCUMENT} 三（二）（三）：及时上报区（市）扶贫部门"),
)
TOWN_DECIDES = ("zaozhuang_2020",)
NOTICE_DAYS = 5  # what every rule set asked for


def content_of(ruleset: str) -> dict:
    """What was asked of a case of this rule set, without limits: there were none."""
    return {
        "path": "designation",
        "decides": "town" if ruleset in TOWN_DECIDES else "county",
        "notice_days": NOTICE_DAYS,
        "steps": [
            {"stage": stage, "title": title, "source": source, "days": None, "unit": "天"}
            for stage, title, source in STEPS
        ],
        "total_days": None,
        "total_unit": "天",
    }


def pin(apps, schema_editor):
    Case = apps.get_model("monitoring", "Case")
    Pinned = apps.get_model("monitoring", "PinnedProcedure")
    walked = Case.objects.filter(source="procedure", procedure=None)
    for ruleset in list(walked.order_by().values_list("ruleset", flat=True).distinct()):
        content = content_of(ruleset)
        told = json.dumps([ruleset, content], sort_keys=True, ensure_ascii=False)
        row, _new = Pinned.objects.get_or_create(
            digest=hashlib.sha256(told.encode()).hexdigest(),
            defaults={"ruleset": ruleset, "path": "designation", "content": content},
        )
        walked.filter(ruleset=ruleset).update(procedure=row)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0011_casework")]

    operations = [migrations.RunPython(pin, migrations.RunPython.noop)]
