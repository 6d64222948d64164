"""A backup restored into an empty database is equal, and sends nothing until it is released (spec operations 6)."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection

from portal.accounts.models import Membership
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.core import clock
from portal.core.models import AuditEntry, Setting
from portal.core.provisioning import seed_all
from portal.core.services.seals import seal_history
from portal.engine.models import EngineControl
from portal.site.domain.backups import digest
from portal.site.services.backing_up import make_backup
from portal.site.services.backup_jobs import try_restore
from requests_queue.models import DataRequest
from requests_queue.services.attachments import attach_file
from tests.app.requests_queue.desk import filed
from tests.world import make_admin, make_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from portal.site.domain.backups import Manifest

ROOT = Path(__file__).parents[2]
SCRATCH = "restored_headwater"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
# Everything that ticks, sends and works, once, in the restored house; then what the doctor says of it.
LOOK = """
import json, django
django.setup()
from django.core.management import call_command
from portal.core import clock
from portal.engine.models import Deadline, EngineControl
from portal.engine.services.ticking import tick
from portal.engine.services.working import run_job
from portal.site.queries.checks import findings
ticked = tick(component="engine")
bad = [f"{found.name}: {found.sentence}" for found in findings() if found.colour == "bad"]
overdue = Deadline.objects.filter(state="armed", due_at__lte=clock.now()).count()
print(json.dumps({"halted": ticked.halted, "fired": ticked.fired, "job": str(run_job()), "bad": bad,
                  "reason": EngineControl.objects.get().pause_reason, "overdue": overdue}))
"""
# The engine of the restored house released and at work, with the rights of the application; then the doctor.
WORK = """
import django
django.setup()
from django.core.management import call_command
from portal.engine.services.ticking import tick
call_command("engine_resume", release="none")
assert not tick(component="engine").halted
call_command("doctor")
"""
pytestmark = pytest.mark.django_db(transaction=True)


def url_of(database: str, role: str = "headwater_owner") -> str:
    own = connection.settings_dict
    return f"postgresql://{role}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{database}"


@pytest.fixture
def scratch() -> Iterator[str]:
    """An empty database with its extensions, as `bootstrap.sql` leaves one."""
    name = f"{SCRATCH}_{connection.settings_dict['NAME']}"
    raw = psycopg2.connect(url_of("headwater"))
    raw.autocommit = True
    with raw.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        cursor.execute(f'CREATE DATABASE "{name}"')
        yield name
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    raw.close()


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> DataRequest:
    """People, a request with a file, a promise that is overdue, a secret address, and sealed history."""
    settings.ENV = dataclasses.replace(django_settings.ENV, attachments_dir=str(tmp_path / "attachments"))
    seed_all()
    world, at = make_world(), clock.now()
    make_admin()
    Membership.objects.update(role="lead")
    create_endpoint(
        actor=None, team=world.data_platform, wish=NewEndpoint("hook", "webhook", "https://1.1.1.1/very-secret"), at=at
    )
    request = filed(world, at=at, title="Orders by week")
    attach_file(actor=world.bob, request=request, name="shot.png", file=BytesIO(PNG), size=len(PNG), at=at)
    seal_history(at=at + timedelta(days=1, hours=2))
    return request


def manage(database: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name != "TEST_SERVER_URL"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, check=False, capture_output=True, text=True,
        env=environ | {"DATABASE_URL": url_of(database), "DJANGO_SETTINGS_MODULE": "portal.settings.test"} | more,
    )  # fmt: skip


def rows_in(database: str, sql: str) -> Any:
    raw = psycopg2.connect(url_of(database))
    with raw.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchone()
    raw.close()
    return found[0] if found else None


def backed_up(tmp_path: Path) -> tuple[Path, Manifest]:
    return make_backup(actor=None, to=tmp_path / "backups", at=clock.now())


def test_a_restored_copy_is_equal_and_sends_nothing(house: DataRequest, scratch: str, tmp_path: Path) -> None:
    place, manifest = backed_up(tmp_path)
    for secret in (b"very-secret", django_settings.SECRET_KEY.encode(), b"Orders by week", b"shot.png"):
        assert secret not in (place / "manifest.json").read_bytes()
    kept = str(tmp_path / "elsewhere")
    done = manage(scratch, "manage.py", "restore", str(place), "--verify", HEADWATER_ATTACHMENTS_DIR=kept)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rows and content of each table: equal" in done.stdout
    assert "seals of core_auditentry: equal" in done.stdout
    assert "attachments: equal" in done.stdout
    assert "secrets, by 1 keys: equal" in done.stdout
    assert manifest.tables["core_auditentry"].rows == AuditEntry.objects.count() - 1  # and the backup's own entry
    assert [path.read_bytes() for path in Path(kept).rglob("*") if path.is_file()] == [PNG]
    looked = manage(scratch, "-c", LOOK, HEADWATER_ATTACHMENTS_DIR=kept)
    assert looked.returncode == 0, looked.stderr[-3000:]
    told = json.loads(looked.stdout.splitlines()[-1])
    assert (told["halted"], told["fired"], told["job"], told["reason"]) == ("paused", 0, "None", "restored")
    assert [line for line in told["bad"] if not line.startswith(("role:", "engine:"))] == []
    listed = manage(scratch, "manage.py", "engine_resume", "--list")
    assert "nothing is sent before --release" in listed.stdout
    assert rows_in(scratch, "SELECT count(*) FROM engine_attempt") == 0
    assert not EngineControl.objects.get().is_paused
    doctor = manage(scratch, "-c", WORK, HEADWATER_ATTACHMENTS_DIR=kept, DATABASE_URL=url_of(scratch, "headwater_app"))
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr[-3000:]
    assert f"released; {told['overdue']} overdue deadlines were cancelled" in doctor.stdout
    assert "\nbad" not in f"\n{doctor.stdout}"
    assert rows_in(scratch, "SELECT count(*) FROM engine_attempt") == 0


def refused(place: Path, *arguments: str) -> str:
    errors = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("restore", str(place), *arguments, stderr=errors)
    assert ended.value.code == 4
    return errors.getvalue()


def test_a_backup_that_was_touched_or_does_not_fit_is_refused_before_anything_is_written(
    house: DataRequest, tmp_path: Path
) -> None:
    place, _ = backed_up(tmp_path)
    assert "Restore only into an empty one" in refused(place)
    assert DataRequest.objects.filter(pk=house.pk).exists()
    manifest = (place / "manifest.json").read_text()
    (place / "manifest.json").write_text(manifest.replace('"release": "0', '"release": "9'))
    assert "the manifest is not the one that was written" in refused(place, "--check")
    (place / "manifest.json").write_text(manifest)
    next(path for path in (place / "files").rglob("*") if path.is_file()).write_bytes(b"other")
    assert "1 attachments are missing or changed" in refused(place, "--check")
    with (place / "database.dump").open("ab") as dump:
        dump.write(b"x")
    assert "the dump is not the one of the manifest" in refused(place, "--check")
    (place / "manifest.json.sha256").unlink()
    assert "no complete backup" in refused(place, "--check")


def test_the_trial_finds_rows_that_are_not_those_of_the_manifest(
    house: DataRequest, scratch: str, tmp_path: Path
) -> None:
    place, manifest = backed_up(tmp_path)
    facts = manifest.tables["accounts_person"]
    tables = dict(manifest.tables) | {"accounts_person": dataclasses.replace(facts, rows=facts.rows + 1)}
    text = dataclasses.replace(manifest, tables=tables).text()
    (place / "manifest.json").write_text(text)
    (place / "manifest.json.sha256").write_text(digest(text.encode()))
    is_good, said = try_restore(place, url_of(scratch))
    assert not is_good
    assert f"accounts_person has {facts.rows} rows, the backup {facts.rows + 1}" in said
    assert rows_in(scratch, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_a_folder_that_cannot_be_written_leaves_nothing(house: DataRequest, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    with pytest.raises(SystemExit) as ended:
        call_command("backup", to=str(blocked), stderr=StringIO())
    assert ended.value.code == 4
    assert not Setting.objects.filter(key="backup.last").exists()
