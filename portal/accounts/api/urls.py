"""Paths of the API of people and teams."""

from __future__ import annotations

from portal.accounts.api import holidays, proposals, reach, saved_views, single, views
from portal.core.api.router import Router, endpoint

router = Router()
router.register("people", views.PersonViewSet, basename="person")
router.register("teams", views.TeamViewSet, basename="team")
router.register("memberships", views.MembershipViewSet, basename="membership")
router.register("grants", views.GrantViewSet, basename="grant")
router.register("absences", views.AbsenceViewSet, basename="absence")
router.register("team-proposals", proposals.ProposalViewSet, basename="team-proposal")
router.register("tokens", views.TokenViewSet, basename="token")
router.register("endpoints", reach.EndpointViewSet, basename="endpoint")
router.register("deputies", reach.DeputyViewSet, basename="deputy")
router.register("me/views", saved_views.SavedViewViewSet, basename="saved-view")
router.register("me/contact-methods", reach.MethodViewSet, basename="contact-method")

urlpatterns = [
    *router.urls,
    endpoint(
        "me/notification-rules",
        reach.RulesViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="notification-rules",
    ),
    endpoint(
        "organization",
        single.OrganizationViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="organization",
    ),
    endpoint("holidays", holidays.HolidaySetViewSet.as_view({"get": "list"}), name="holiday-set-list"),
    endpoint(
        r"holidays/(?P<country>[A-Za-z]{2})/(?P<subdivision>[A-Za-z0-9]{1,3}|-)/(?P<year>[0-9]{4})",
        holidays.HolidayYearViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="holiday-year",
    ),
    endpoint("me/holidays", holidays.MyHolidaysViewSet.as_view({"get": "retrieve", "put": "update"}), "me-holidays"),
    endpoint(
        r"calendars/(?P<pk>[0-9]{1,12})/holidays",
        holidays.CalendarHolidaysViewSet.as_view({"put": "update"}),
        name="calendar-holidays",
    ),
    endpoint("identities/resolve", single.IdentityViewSet.as_view({"post": "resolve"}), name="identity-resolve"),
    endpoint(
        r"follows/(?P<subject_type>[a-z_.]+)/(?P<subject_id>[0-9]+)",
        single.FollowViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="follow",
    ),
]
