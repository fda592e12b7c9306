"""Accessibility: axe finds nothing serious on any page, at any desk, on the phone and in the office."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from monitoring.notices_public import publish
from tests.factories import add_place, add_staff
from tests.isolation import OPEN_TO_ALL, ROLES, one_of_everything, routes
from tests.test_isolation import address

DESKS = [("cadre", True), ("reviewer", False), ("officer", False), ("clerk", False), ("admin", False)]
# The district's pages are the town's; what it has beside them is looked at.
SEEN_BEFORE = {"officer": ROLES["reviewer"]}
GRAVE = {"serious", "critical"}
# What passes need not be told node by node; "region" looks at every element, and is never more than moderate.
ONLY_FAULTS = {"resultTypes": ["violations"], "rules": {"region": {"enabled": False}}}


def pages(client, user, role, things, besides=None):
    """The addresses that answer this person with a page, and the answers."""
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    for name, pattern in routes():
        roles = getattr(pattern.callback, "roles", None)
        if name in OPEN_TO_ALL or (roles is not None and role not in roles):
            continue
        if roles is not None and besides in roles:
            continue
        answer = client.get(address(name, things))
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            yield address(name, things), answer


def show(page, url, answer):
    """Open a page that the client has fetched already, as if the server had sent it again."""
    sent = {"headers": dict(answer.headers), "body": answer.content}
    page.route(lambda asked: urlsplit(asked).path == url, lambda route: route.fulfill(**sent), times=1)
    page.goto(url)


def grave_findings(page):
    """What axe calls serious or critical, in a line each."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("options => axe.run(document, options).then(answer => answer.violations)", ONLY_FAULTS)
    return [
        f"{page.url}: {found['id']} {node['target']}"
        for found in violations
        if found["impact"] in GRAVE
        for node in found["nodes"]
    ]


@pytest.mark.timeout(900)  # dozens of pages
@pytest.mark.parametrize(("who", "phone"), DESKS)
def test_no_page_of_a_desk_has_a_serious_fault(desk, client, who, phone):
    place = add_place()
    staff = add_staff(place)
    things = one_of_everything(place.village, staff.cadre, staff.officer, "王大海")
    page = desk(getattr(staff, who), phone=phone)
    page.add_init_script(AXE_SCRIPT)  # once for all pages
    findings, seen = [], 0
    for url, answer in pages(client, getattr(staff, who), ROLES[who], things, SEEN_BEFORE.get(who)):
        show(page, url, answer)
        findings += grave_findings(page)
        seen += 1
    assert seen >= 8
    assert findings == []


def test_login_and_the_public_notice_have_no_serious_fault(desk):
    place = add_place()
    staff = add_staff(place)
    things = one_of_everything(place.village, staff.cadre, staff.officer, "王大海")
    type(place.zone).objects.filter(pk=place.zone.pk).update(web_notices_enabled=True)
    publish([things.notice])
    page = desk()
    for url in ("/login/", f"/gs/{things.notice.token}/", "/gs/answers/", "/sb/"):
        assert page.goto(url).status == 200
        assert grave_findings(page) == []
