"""The meetings of ballots that were recorded one by one: what was recorded together is one meeting."""

from django.db import migrations

SHARED = ("held_on", "place", "due", "present", "minutes", "recorded_by_id")
CHUNK = 500


def copy(apps, schema_editor):
    Ballot, Meeting = apps.get_model("monitoring", "Ballot"), apps.get_model("monitoring", "Meeting")
    Event = apps.get_model("monitoring", "CaseEvent")
    found = {}
    ballots = Ballot.objects.filter(meeting=None).select_related("case").order_by("recorded_at", "pk")
    for ballot in ballots.iterator(CHUNK):
        shared = {name: getattr(ballot, name) for name in SHARED}
        if shared["due"] is not None:
            shared["due"] = max(shared["due"], shared["present"])
        key = (ballot.case.village_id, *shared.values())
        if key not in found:
            found[key] = Meeting.objects.create(village_id=ballot.case.village_id, **shared)
            Meeting.objects.filter(pk=found[key].pk).update(recorded_at=ballot.recorded_at)
        reason = ""
        if not ballot.recognised:
            refusals = Event.objects.filter(case_id=ballot.case_id, step="meeting_refuse").order_by("-at")
            reason = next(iter(refusals.values_list("note", flat=True)), "")
        Ballot.objects.filter(pk=ballot.pk).update(meeting=found[key], reason=reason)
    _one_of_a_meeting(Ballot)


def _one_of_a_meeting(Ballot):
    """Of one meeting a case has one ballot: a second one of the same day and numbers is a meeting of its own."""
    seen = set()
    for ballot in Ballot.objects.select_related("meeting").order_by("pk").iterator(CHUNK):
        key = (ballot.meeting_id, ballot.case_id)
        if key in seen:
            meeting = ballot.meeting
            meeting.pk = None
            meeting.id = ballot.pk
            meeting.save(force_insert=True)
            Ballot.objects.filter(pk=ballot.pk).update(meeting=meeting)
        seen.add(key)


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0008_meetings_of_many")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
