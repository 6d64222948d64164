"""Public holidays that a house keeps, region by region and year by year (spec accounts 2, 3)."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from portal.core.models.append_only import append_only


class HolidaySet(models.Model):
    """What an admin confirmed for a region and a year; confirming again is the next `n`, and none is ever edited."""

    country = models.CharField(max_length=2)
    subdivision = models.CharField(max_length=3, blank=True)
    year = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField()
    dates = models.JSONField()
    package_version = models.CharField(max_length=20, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["country", "subdivision", "year", "n"], name="accounts_holidayset_version"),
            models.CheckConstraint(
                condition=models.Q(year__gte=2000, year__lt=2100, n__gte=1), name="accounts_holidayset_year"
            ),
        ]
        triggers = [append_only()]

    def __str__(self) -> str:
        region = f"{self.country}-{self.subdivision}" if self.subdivision else self.country
        return f"the public holidays of {region} in {self.year}"


class HolidayFollower(models.Model):
    """Working hours that take over what is confirmed for a region; `laid` says by date what was taken over."""

    calendar = models.OneToOneField("core.BusinessCalendar", models.PROTECT, related_name="+")
    country = models.CharField(max_length=2)
    subdivision = models.CharField(max_length=3, blank=True)
    laid = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["country", "subdivision"], name="accounts_holidayfollower_of")]

    def __str__(self) -> str:
        return str(self.calendar)
