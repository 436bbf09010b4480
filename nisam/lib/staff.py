"""What the views for staff have in common."""

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from nisam.lib import params


class StaffView(APIView):
    """A view for staff, as views are by default, that refuses query parameters it does not know.

    `parameters` are those of its GET; what writes takes a body and no parameter.
    """

    parameters: ClassVar[tuple[str, ...]] = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Before the method."""
        super().initial(request, *args, **kwargs)
        method = str(request.method).lower()
        # A method that there is not is told so afterwards, whatever the parameters.
        if method in self.http_method_names and hasattr(self, method):
            params.refuse_unknown(request, self.parameters if method in {"get", "head"} else ())
