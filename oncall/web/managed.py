"""Forms about one rota that only those who manage it may see."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from oncall.policies import can_manage_rota
from oncall.web.rotas import find_rota
from portal.core import clock
from portal.core.policies import require
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from oncall.models import Rota


class ManagedRotaForm(DomainFormMixin):
    """The rota that `slug` in the address names; the right is asked before anything is shown or read."""

    @cached_property
    def rota(self) -> Rota:
        return find_rota(self.request, str(self.kwargs["slug"]))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(can_manage_rota(request.user, self.rota.team, clock.now()))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type
