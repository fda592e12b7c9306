"""manage.py explain HOUSEHOLD --on DATE: why the rules say what they say of a household on a day, as JSON."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.console import day_named
from accounts.keys import key_or_none
from households.models import Household
from monitoring.explanations import document_of
from monitoring.policy.explain import Audience, explain_on


class Command(BaseCommand):
    """Print one JSON object; exits 1 with a sentence when there is nothing to explain."""

    help = "一户某一天的认定依据（JSON）"

    def add_arguments(self, parser: CommandParser) -> None:
        """HOUSEHOLD --on DATE [--for office|phone|household]."""
        parser.add_argument("household", help="户编号，或网址里的编号（UUID）")
        parser.add_argument("--on", required=True, help="基准日期，如 2020-06-30")
        parser.add_argument(
            "--for", dest="audience", choices=list(Audience), default=Audience.OFFICE, help="给谁看：镇和区、村里、农户"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the explanation and nothing else."""
        household, on = _household_named(options["household"]), day_named(options["on"])
        try:
            explanation = explain_on(household, on).seen_by(Audience(options["audience"]))
        except ValidationError as nothing:
            raise CommandError(nothing.messages[0]) from nothing
        document = document_of(household, on, explanation)
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=2))


def _household_named(text: str) -> Household:
    """The household with this number or key; raises CommandError."""
    households = Household.objects.select_related("village")
    found = households.filter(number=text).first()
    if found is None and (key := key_or_none(text)):
        found = households.filter(pk=key).first()
    if found is None:
        raise CommandError(f"没有户编号或编号为 {text} 的农户。")
    return found
