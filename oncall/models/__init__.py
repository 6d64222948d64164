"""Tables of the room."""

from __future__ import annotations

from oncall.models.changes import CoverRequest, ShiftChange
from oncall.models.gaps import AcceptedGap
from oncall.models.ledger import CompDay, DutyLedgerEntry
from oncall.models.rotas import AssetDuty, Rota, RotaMember, RotaVersion, TeamDuty
from oncall.models.seasons import DraftPick, MajorHoliday, SpecialPeriod
from oncall.models.shifts import EffectiveShift, PlannedShift, ShiftNote

__all__ = [
    "AcceptedGap",
    "AssetDuty",
    "CompDay",
    "CoverRequest",
    "DraftPick",
    "DutyLedgerEntry",
    "EffectiveShift",
    "MajorHoliday",
    "PlannedShift",
    "Rota",
    "RotaMember",
    "RotaVersion",
    "ShiftChange",
    "ShiftNote",
    "SpecialPeriod",
    "TeamDuty",
]
