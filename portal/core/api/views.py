"""What answers under /api/ when no room does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

if TYPE_CHECKING:
    from rest_framework.request import Request


@extend_schema(exclude=True)
class NoSuchPath(APIView):
    """404 as a problem document, whatever the method; mounted after every room."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        del request, args, kwargs
        raise NotFound
