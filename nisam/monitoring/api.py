"""GET /health and /health/ready, for whatever watches or balances: without a login, kept by nobody."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from nisam.monitoring.health import ask_all

_UNAVAILABLE = 503


@require_safe
def live(_: HttpRequest) -> JsonResponse:
    """This process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(_: HttpRequest) -> JsonResponse:
    """`{status, down: [name], checks: {name: {status, latencyMs, message?}}}`; 503 when something is down."""
    parts = ask_all()
    down = [part.name for part in parts if part.problem]
    checks = {
        part.name: {
            "status": "down" if part.problem else "ok",
            "latencyMs": round(part.milliseconds, 2),
            **({"message": part.problem} if part.problem else {}),
        }
        for part in parts
    }
    answer = {"status": "down" if down else "ok", "down": down, "checks": checks}
    return JsonResponse(answer, status=_UNAVAILABLE if down else 200)
