"""The cast of the demo workspace (spec exercise 1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DemoTeam:
    """A team of the demo; `discipline` is what most of its people do."""

    slug: str
    name: str
    discipline: str
    is_downstream: bool = False


@dataclass(frozen=True)
class DemoPerson:
    """A person of the demo, a member or the lead of one team."""

    handle: str
    name: str
    team: str
    discipline: str
    zone: str = "Europe/Madrid"
    is_lead: bool = False
    is_admin: bool = False
    is_auditor: bool = False

    @property
    def email(self) -> str:
        return f"{self.handle}@demo.example"

    @property
    def role(self) -> str:
        """What the list of logins says about this person."""
        if self.is_admin:
            return "admin"
        if self.is_auditor:
            return "auditor"
        return f"{TITLES[self.discipline]}, {'lead of ' if self.is_lead else ''}{TEAM_NAMES[self.team]}"


TITLES = {
    "DE": "data engineer",
    "AE": "analytics engineer",
    "SE": "software engineer",
    "DA": "analyst",
    "DS": "data scientist",
    "": "reader of reports",
}
TEAMS = [
    DemoTeam("core-data", "Core Data", "DE"),
    DemoTeam("growth-product", "Growth Product", "AE"),
    DemoTeam("payments", "Payments", "SE"),
    DemoTeam("billing", "Billing", "SE"),
    DemoTeam("identity", "Identity", "SE"),
    DemoTeam("web-client", "Web Client", "SE"),
    DemoTeam("product-analytics", "Product Analytics", "DA"),
    DemoTeam("experimentation", "Experimentation", "DS"),
    DemoTeam("investor-relations", "Investor Relations", "DA", is_downstream=True),
    DemoTeam("finance-reporting", "Finance Reporting", "DA", is_downstream=True),
    DemoTeam("executive-reporting", "Executive Reporting", "DA", is_downstream=True),
]
TEAM_NAMES = {team.slug: team.name for team in TEAMS}
PEOPLE = [
    DemoPerson("ruth", "Ruth Okafor", "core-data", "DE", is_lead=True),
    DemoPerson("ines", "Inés Carrasco", "core-data", "DE"),
    DemoPerson("jonas", "Jonas Brandt", "core-data", "DE", "Europe/Berlin"),
    DemoPerson("kofi", "Kofi Mensah", "core-data", "DE", "America/New_York"),
    DemoPerson("maeve", "Maeve Kinsella", "core-data", "DE", "Europe/Dublin"),
    DemoPerson("noor", "Noor Haddad", "product-analytics", "DA"),
    DemoPerson("tomasz", "Tomasz Wilk", "product-analytics", "DA"),
    DemoPerson("elif", "Elif Aydın", "product-analytics", "DA", is_lead=True),  # noqa: RUF001 (her name)
    DemoPerson("chidi", "Chidi Eze", "experimentation", "DS", "Europe/London", is_lead=True),
    DemoPerson("amara", "Amara Diallo", "growth-product", "AE", is_lead=True),
    DemoPerson("sanne", "Sanne de Wit", "payments", "DE", "Europe/Amsterdam", is_lead=True),
    DemoPerson("haruto", "Haruto Endo", "billing", "SE", "Asia/Tokyo", is_lead=True),
    DemoPerson("lucia", "Lucía Prado", "identity", "SE", is_lead=True),
    DemoPerson("dmitri", "Dmitri Sokol", "web-client", "SE", "Europe/Berlin", is_lead=True),
    DemoPerson("bea", "Bea Lindqvist", "investor-relations", "DA", is_lead=True),
    DemoPerson("olaf", "Olaf Nyberg", "finance-reporting", "DA", is_lead=True),
    DemoPerson("mireille", "Mireille Roux", "executive-reporting", "DA", is_lead=True),
    DemoPerson("wen", "Wen Zhao", "", "", is_admin=True),
    DemoPerson("paz", "Paz Ibarra", "", "", is_auditor=True),
]
# One of each role, printed by `make up`; everybody else signs in with the same password.
PRINTED = {"ruth", "ines", "noor", "chidi", "haruto", "bea", "wen", "paz"}
LOGINS = [person for person in PEOPLE if person.handle in PRINTED]
# The first backup of each pipeline of Core Data (spec exercise 2); the manifest names the accountable person.
BACKUPS = {
    "engagement_agg_investor": "ines",
    "growth_agg_investor": "kofi",
    "growth_daily_experiment": "jonas",
    "profit_agg_investor": "maeve",
    "profit_unit_experiment": "jonas",
}
