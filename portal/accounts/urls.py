"""The pages of people and teams, and their API."""

from __future__ import annotations

from django.urls import path

from portal.accounts.api.urls import urlpatterns as api_urls
from portal.accounts.web import away, company, doors, me, people, reach, teams

urlpatterns = [
    path("me/", me.MeView.as_view(), name="me"),
    path("me/away/", away.AwayView.as_view(), name="me_away"),
    path("me/away/feed", away.FeedView.as_view(), name="me_away_feed"),
    path("me/away/feed/end", away.EndFeedView.as_view(), name="me_away_feed_end"),
    path("me/away/<int:pk>/move", away.MoveAbsenceView.as_view(), name="me_away_move"),
    path("me/away/<int:pk>/cancel", away.CancelAbsenceView.as_view(), name="me_away_cancel"),
    path("me/deputy/", away.DeputyView.as_view(), name="me_deputy"),
    path("me/deputy/<int:pk>/end", away.EndDeputyView.as_view(), name="me_deputy_end"),
    path("me/team/", me.PlaceMeView.as_view(), name="me_team"),
    path("me/sessions/", me.SessionsView.as_view(), name="me_sessions"),
    path("me/sessions/end", me.EndSessionsView.as_view(), name="me_sessions_end"),
    path("me/sessions/<int:pk>/end", me.EndSessionView.as_view(), name="me_session_end"),
    path("me/company/connect", company.ConnectCompanyView.as_view(), name="company_connect"),
    path("me/company/disconnect", company.DisconnectCompanyView.as_view(), name="company_disconnect"),
    path("auth/password/set/", doors.FirstPasswordView.as_view(), name="account_set_password"),
    path("auth/company/", company.CompanyView.as_view(), name="company_sign_in"),
    path("auth/company/callback", company.CompanyCallbackView.as_view(), name="company_callback"),
    path("me/notifications/", reach.NotificationsView.as_view(), name="me_notifications"),
    path("me/notifications/rules", reach.RulesView.as_view(), name="me_rules"),
    path("me/notifications/<int:pk>/", reach.MethodView.as_view(), name="me_method"),
    path("me/notifications/<int:pk>/<str:verb>", reach.MethodActView.as_view(), name="me_method_act"),
    path("me/tokens/", reach.TokensView.as_view(), name="me_tokens"),
    path("me/tokens/<int:pk>/<str:verb>", reach.TokenActView.as_view(), name="me_token_act"),
    path("teams/", teams.TeamsView.as_view(), name="teams_list"),
    path("teams/new", teams.NewTeamView.as_view(), name="teams_new"),
    path("teams/<slug:slug>", teams.TeamView.as_view(), name="teams_detail"),
    path("teams/<slug:slug>/members", teams.AddMemberView.as_view(), name="teams_add_member"),
    path("teams/<slug:slug>/invite", teams.InviteView.as_view(), name="teams_invite"),
    path("teams/proposals/<int:pk>/<slug:verb>", teams.DecideProposalView.as_view(), name="teams_proposal"),
    path("memberships/<int:pk>/end", teams.EndMembershipView.as_view(), name="memberships_end"),
    path("people/", people.PeopleView.as_view(), name="people_list"),
    path("admin-setup/invite", people.InviteView.as_view(), name="people_invite"),
    path("people/<str:handle>", people.PersonView.as_view(), name="people_detail"),
    path("people/<str:handle>/away", away.AwayForView.as_view(), name="people_away"),
    path("people/<str:handle>/leaving", people.LeavingView.as_view(), name="people_leaving"),
    path("people/<str:handle>/<slug:verb>", people.AdministerView.as_view(), name="people_administer"),
    path("welcome/", doors.WelcomeView.as_view(), name="welcome"),
    path("welcome/<str:secret>", doors.ArriveView.as_view(), name="arrive"),
]
api_urlpatterns = api_urls
