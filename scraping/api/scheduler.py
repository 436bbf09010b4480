"""/api/scheduler: how the schedule is, and steering it."""

from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from nisam.lib.api_errors import UnprocessableError
from nisam.lib.schema import errors
from nisam.lib.staff import StaffView
from scraping import steer
from scraping.schedule import dispatch_due
from scraping.serializers import BoundsSerializer, RunSerializer, SchedulerSerializer


def _shown() -> dict[str, Any]:
    """The schedule as it is now, in the API's names."""
    state = steer.state(timezone.now())
    presence = state.presence
    return {
        "isEnabled": state.is_enabled,
        "intervalHours": _hours(state.bounds.usual),
        "shortestIntervalHours": _hours(state.bounds.shortest),
        "longestIntervalHours": _hours(state.bounds.longest),
        "lastRun": state.last_run,
        "nextRun": state.next_run,
        "isRunning": state.is_running,
        "overdueChannels": state.overdue_channels,
        "beatAlive": bool(presence.beats),
        "workersAlive": bool(presence.workers),
        "lastHeartbeat": presence.worker_seen_at,
        "workers": len(presence.workers),
        "idleQueues": presence.idle_queues,
        "problems": presence.problems,
    }


def _hours(span: timedelta) -> float:
    return round(span / timedelta(hours=1), 4)


class SchedulerDetail(StaffView):
    """GET and PATCH /api/scheduler."""

    @extend_schema(responses=SchedulerSerializer)
    def get(self, request: Request) -> Response:
        """How the schedule is, and whether Beat and the workers are alive."""
        return Response(_shown())

    @extend_schema(request=BoundsSerializer, responses={200: SchedulerSerializer, **errors(422)})
    def patch(self, request: Request) -> Response:
        """Switch it on or off, and set the intervals; null takes an operator's interval back."""
        body = BoundsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            steer.set_bounds(**body.minutes())
        except steer.BoundsError as error:
            raise UnprocessableError(error) from error
        if "isEnabled" in body.validated_data:
            steer.switch(is_enabled=body.validated_data["isEnabled"])
        return Response(_shown())


class SchedulerSwitch(StaffView):
    """POST /api/scheduler/start and /api/scheduler/stop."""

    is_enabled: ClassVar[bool] = True

    @extend_schema(request=None, responses=SchedulerSerializer)
    def post(self, request: Request) -> Response:
        """Switch the schedule on, or off; what runs goes on."""
        steer.switch(is_enabled=self.is_enabled)
        return Response(_shown())


class SchedulerRun(StaffView):
    """POST /api/scheduler/run-now."""

    @extend_schema(request=None, responses=RunSerializer)
    def post(self, request: Request) -> Response:
        """Hand out what is due, also while the schedule is off; jobId is null when that comes to nothing."""
        job = dispatch_due(requested_by=request.user.get_username())
        return Response({**_shown(), "jobId": job.pk if job else None})
