"""What was entered before there was a catalogue gets the name, kind, ledger column and 牵头单位 of its measure."""

from django.db import migrations

TOLD = {
    "education": ("各级各类扶贫助学（含雨露计划等）", "running", "education", "教体局"),
    "medical": ("医疗保障扶贫（基本医疗保险、大病保险和医疗救助）", "running", "medical", "医保局"),
    "commercial_medical": ("医疗商业补充保险", "running", "commercial_medical", "医保局"),
    "family_doctor": ("家庭医生签约服务", "running", "family_doctor", "卫健委"),
    "housing": ("危房改造", "lasting", "housing", "建设局"),
    "water": ("饮水安全", "lasting", "water", "水利局"),
    "temporary_relief": ("临时救助", "grant", "temporary_relief", "民政局"),
    "social_relief": ("社会救助", "running", "social_relief", "民政局"),
    "dibao": ("低保", "running", "dibao", "民政局"),
    "public_post": ("公益岗位", "running", "public_post", "人社局"),
    "industry": ("产业项目扶持", "running", "", "农业农村局"),
    "small_loan": ("扶贫小额信贷", "running", "", "金融局"),
    "donation": ("社会捐助", "running", "", "社会扶贫办"),
}


def tell(apps, schema_editor):
    """One UPDATE for each measure that there was."""
    deliveries = apps.get_model("assistance", "Delivery").objects
    for code, (name, kind, column, lead) in TOLD.items():
        deliveries.filter(measure=code, name="").update(name=name, kind=kind, column=column, lead=lead)


class Migration(migrations.Migration):
    dependencies = [("assistance", "0002_catalogue")]

    operations = [migrations.RunPython(tell, migrations.RunPython.noop)]
