"""Tables of the room."""

from __future__ import annotations

from oncall.models.agreements import Agreement, AgreementVersion
from oncall.models.changes import CoverRequest, ShiftChange
from oncall.models.edits import EditConsent, RotaEdit
from oncall.models.escalation import EscalationPolicy, EscalationPolicyVersion, EscalationRun, GuardrailFire
from oncall.models.failure_rules import FailureRule
from oncall.models.feeds import CalendarFeed
from oncall.models.gaps import AcceptedGap
from oncall.models.inbound import Expectation, Integration, MaintenanceWindow, Silence
from oncall.models.incidents import Alert, Contribution, Incident, IncidentEvent, IncidentImpact, IncidentUpdate
from oncall.models.ledger import CompDay, DutyLedgerEntry
from oncall.models.reviews import PagesReview
from oncall.models.rotas import AssetDuty, Rota, RotaMember, RotaVersion, TeamDuty
from oncall.models.runbooks import Runbook, RunbookUse, RunbookVersion
from oncall.models.seasons import DraftPick, MajorHoliday, SpecialPeriod
from oncall.models.shifts import EffectiveShift, PlannedShift, ShiftNote
from oncall.models.staged import StagedRota
from oncall.models.upstream import PreCheck, PreCheckResult, TicketEvent, UpstreamTicket

__all__ = [
    "AcceptedGap",
    "Agreement",
    "AgreementVersion",
    "Alert",
    "AssetDuty",
    "CalendarFeed",
    "CompDay",
    "Contribution",
    "CoverRequest",
    "DraftPick",
    "DutyLedgerEntry",
    "EditConsent",
    "EffectiveShift",
    "EscalationPolicy",
    "EscalationPolicyVersion",
    "EscalationRun",
    "Expectation",
    "FailureRule",
    "GuardrailFire",
    "Incident",
    "IncidentEvent",
    "IncidentImpact",
    "IncidentUpdate",
    "Integration",
    "MaintenanceWindow",
    "MajorHoliday",
    "PagesReview",
    "PlannedShift",
    "PreCheck",
    "PreCheckResult",
    "Rota",
    "RotaEdit",
    "RotaMember",
    "RotaVersion",
    "Runbook",
    "RunbookUse",
    "RunbookVersion",
    "ShiftChange",
    "ShiftNote",
    "Silence",
    "SpecialPeriod",
    "StagedRota",
    "TeamDuty",
    "TicketEvent",
    "UpstreamTicket",
]
