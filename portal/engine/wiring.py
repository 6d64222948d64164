"""What the engine registers with the kernel and with itself."""

from __future__ import annotations

from portal.core.registries import register_append_only, register_seed, register_verb
from portal.engine.channels.call import CallChannel
from portal.engine.channels.canary import CanaryChannel
from portal.engine.channels.email import EmailChannel
from portal.engine.channels.file import FileChannel
from portal.engine.channels.inbox import InboxChannel
from portal.engine.channels.push import PushChannel
from portal.engine.channels.sms import SmsChannel
from portal.engine.channels.voice import VoiceChannel
from portal.engine.channels.webhook import WebhookChannel
from portal.engine.registries import (
    register_channel,
    register_deadline_kind,
    register_destination,
    register_job_kind,
    register_notice_kind,
    register_periodic,
)
from portal.engine.services.canary import CanaryHandler, plan_canary
from portal.engine.services.controlling import seed_control
from portal.engine.services.periodic import PeriodicHandler
from portal.engine.services.pruning import PRUNE_JOB, run_pruning
from portal.engine.services.sealing import SEAL_JOB, run_sealing
from portal.engine.services.watch_rights import grant_watch_rights

register_append_only("engine_attempt")
register_seed("engine.control", 0, seed_control)
register_seed("engine.watch_rights", 0, grant_watch_rights)

register_channel(InboxChannel())
register_channel(EmailChannel())
register_channel(WebhookChannel())
register_channel(CallChannel())
register_channel(CanaryChannel())
register_channel(FileChannel())
register_channel(PushChannel())
register_channel(SmsChannel())
register_channel(VoiceChannel())

register_deadline_kind("engine.periodic", PeriodicHandler(), "collapse")
register_deadline_kind("engine.canary", CanaryHandler(), "collapse")
register_destination("canary", plan_canary)

register_job_kind(SEAL_JOB, run_sealing)
register_job_kind(PRUNE_JOB, run_pruning)
register_periodic(PRUNE_JOB, job_kind=PRUNE_JOB, cron="40 3 * * *")
register_periodic(SEAL_JOB, job_kind=SEAL_JOB, cron="10 1 * * *")

register_notice_kind(
    "engine.alarm", "warn", ["code", "text"], acknowledgeable=False, title="Operators: {code}", text="{text}"
)
register_notice_kind("engine.canary", "info", ["due_at"], acknowledgeable=False, title="Canary", text="{due_at}")
register_notice_kind(
    "engine.test",
    "page",
    ["name"],
    acknowledgeable=True,
    title="Test page for {name}",
    text="You asked for a test. Acknowledge it to see that the way back works too.",
)

register_verb("engine.acknowledged", "{actor} acknowledged {subject}")
register_verb("engine.paused", "{actor} paused the engine")
register_verb("engine.resumed", "{actor} resumed the engine")
register_verb("engine.requeued", "{actor} sent {subject} again")
