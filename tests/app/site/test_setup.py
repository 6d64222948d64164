"""`/admin-setup/` says what `manage.py doctor` says."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.utils.text import capfirst

from portal.core import clock
from portal.core.models import Setting
from portal.core.services.seals import seal_history
from portal.engine.models import Notice
from portal.site.queries.checks import findings

if TYPE_CHECKING:
    from django.test import Client

    from portal.accounts.models import Person

pytestmark = pytest.mark.django_db


def said(name: str) -> tuple[str, str]:
    found = next(finding for finding in findings() if finding.name == name)
    return found.colour, found.sentence


def test_an_admin_sees_each_check_with_its_cure(client: Client, admin: Person) -> None:
    client.force_login(admin)
    page = client.get("/admin-setup/").content.decode()
    for finding in findings():
        assert f'<span class="title">{capfirst(finding.name)}</span>' in page
    assert "manage.py backup --to DIR" in page


def test_nobody_else_sees_it(client: Client, alice: Person, auditor: Person) -> None:
    for person in (alice, auditor):
        client.force_login(person)
        assert client.get("/admin-setup/").status_code == 403
        assert client.post("/admin-setup/test-page").status_code == 403
    assert not Notice.objects.filter(kind="engine.test").exists()


def test_the_test_page_goes_to_the_admin_who_asked(client: Client, admin: Person) -> None:
    client.force_login(admin)
    assert client.post("/admin-setup/test-page").status_code == 303
    assert Notice.objects.get(kind="engine.test").recipient == admin


def test_the_age_of_backup_trial_and_seal_is_judged() -> None:
    assert [said(name)[0] for name in ("backup", "trial restore", "audit seal")] == ["warn", "warn", "warn"]
    at = clock.now()
    seal_history(at=at)
    Setting.objects.create(key="backup.last", value={"at": (at - timedelta(hours=25)).isoformat()})
    facts = {"at": (at - timedelta(days=2)).isoformat(), "is_good": True}
    trial = Setting.objects.create(key="backup.verified", value=facts)
    assert [said(name)[0] for name in ("backup", "trial restore", "audit seal")] == ["ok", "ok", "ok"]
    Setting.objects.filter(key="backup.last").update(value={"at": (at - timedelta(hours=27)).isoformat()})
    trial.value = facts | {"is_good": False}
    trial.save()
    assert said("backup") == ("bad", "The newest backup is older than 26 hours.")
    assert said("trial restore") == ("bad", "The newest backup could not be restored.")


def test_the_status_page_tells_backup_trial_and_seal(client: Client, admin: Person) -> None:
    client.force_login(admin)
    page = client.get("/status/").content.decode()
    for words in ("Last backup", "Last trial restore", "History sealed"):
        assert words in page


def test_the_doctor_says_the_same_on_the_command_line() -> None:
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=out)
    assert all(finding.name in out.getvalue() for finding in findings())
