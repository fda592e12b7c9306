"""A register and a public host in two processes with two databases: a page goes out, a declaration comes in, an answer goes out."""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.factories import invented_id

PUBLIC_HOST_BEGINS = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
REGISTER_BEGINS = """
import django
django.setup()
from django.apps import apps
from django.db import connection, router
from accounts.models import Posting, Region, User
from monitoring import leads_intake
with connection.schema_editor() as editor:  # the tables without their history, which other tests walk through
    for model in apps.get_models():
        if router.allow_migrate_model("default", model):
            editor.create_model(model)
zone = Region.objects.create(code="379990000000", name="某区", level="zone", path="0001")
town = Region.objects.create(code="379990001000", name="某镇", level="town", path="00010001", parent=zone)
Region.objects.create(code="379990001201", name="某村", level="village", path="000100010001", parent=town)
officer = User.objects.create(username="qu", name="陈某")
Posting.objects.create(user=officer, role="district_officer", region=zone)
leads_intake.switch(district=zone, by=officer, on=True)
from monitoring.models import DeclarationPage
print(DeclarationPage.objects.get().token)
"""
VILLAGER = """
import re, sys, uuid
import django
django.setup()
from django.test import Client
answer = Client(HTTP_HOST="localhost").post(f"/sb/{sys.argv[1]}/", dict(
    name="王大海", phone="13800001234", id_number=sys.argv[2], difficulty="难处", group="", cause="illness",
    form_key=str(uuid.uuid4())))
print(re.search(r"[0-9]{4} [0-9]{4} [0-9]{4}", answer.content.decode())[0].replace(" ", ""))
"""
REGISTER_GOES_ON = """
import django
django.setup()
from accounts.models import Posting, Region, User
from monitoring import leads, leads_intake
from monitoring.models import Lead
print(leads_intake.exchange()["fetched"], leads_intake.exchange()["fetched"])
cadre = User.objects.create(username="cun", name="张某")
Posting.objects.create(user=cadre, role="village_cadre", region=Region.objects.get(level="village"))
leads.close(lead=Lead.objects.get(), by=cadre, reason="income")
print(leads_intake.exchange()["told"])
"""
VILLAGER_ASKS = """
import sys
import django
django.setup()
from django.test import Client
answer = Client(HTTP_HOST="localhost").post("/sb/", {"receipt": sys.argv[1], "phone_tail": "1234"})
print("收入够线，没有大的支出" in answer.content.decode())
"""


def run(code: str, *arguments: str, folder: Path, public: bool) -> list[str]:
    """What a process of the register, or of the public host, prints."""
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "fangpin.settings",
        "PUBLIC_DATABASE_URL": f"sqlite:///{folder}/public.sqlite3",
        "VAR_DIR": str(folder / ("outside" if public else "inside")),
        **({"FANGPIN_PUBLIC": "1"} if public else {"DATABASE_URL": f"sqlite:///{folder}/register.sqlite3"}),
    }
    said = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.split()


def test_a_declaration_goes_from_one_host_to_the_other_and_its_answer_back(tmp_path):
    number = invented_id()
    run(PUBLIC_HOST_BEGINS, folder=tmp_path, public=True)
    (token,) = run(REGISTER_BEGINS, folder=tmp_path, public=False)
    (receipt,) = run(VILLAGER, token, number, folder=tmp_path, public=True)
    assert re.fullmatch(r"[0-9]{12}", receipt)
    assert run(REGISTER_GOES_ON, folder=tmp_path, public=False) == ["1", "0", "1"]
    assert run(VILLAGER_ASKS, receipt, folder=tmp_path, public=True) == ["True"]
    outside, inside = (tables_of(tmp_path / f"{name}.sqlite3") for name in ("public", "register"))
    assert {name for name in outside if not name.startswith("public_")} <= {"django_migrations", "sqlite_sequence"}
    assert not any(name.startswith("public_") for name in inside)
    assert number.encode() not in (tmp_path / "public.sqlite3").read_bytes()


def tables_of(path: Path) -> set[str]:
    """The names of a database's tables."""
    connection = sqlite3.connect(path)
    found = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    connection.close()
    return found
