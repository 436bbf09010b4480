"""Many channels at once in the Django admin: a list is shown with what it would add, then followed; and the export."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from channels.exchange_formats import MAX_BYTES, ListError, decoded
from channels.models import Channel
from channels.subscription_export import FORMATS, export
from channels.subscriptions import Row, Verdict, count_verdicts, follow_all, preview

# What the form that follows a list sends besides the list.
_FORM_BYTES = 50_000


class ListForm(forms.Form):
    """A list, pasted or as a file; `rows` is its preview once the form is valid."""

    pasted = forms.CharField(
        label="Addresses or handles",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"class": "vLargeTextField", "rows": 8, "autofocus": True, "placeholder": "@kurzgesagt"}
        ),
        help_text="One a line, if you like with a comma and a name behind it.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        help_text="OPML, subscriptions.csv of Google Takeout, NewPipe's JSON, or an export of nisam.",
    )
    rows: list[Row]

    def clean(self) -> dict[str, Any]:
        """Read the list, or refuse it in words."""
        cleaned = super().clean() or {}
        pasted, file = cleaned.get("pasted"), cleaned.get("file")
        if self.errors:
            return cleaned
        if bool(pasted) == bool(file):
            raise forms.ValidationError("Paste a list or choose a file, one of the two.")
        try:
            # One byte more than is accepted is enough to refuse it.
            self.rows = preview(decoded(file.read(MAX_BYTES + 1)) if file else pasted or "")
        except ListError as error:
            raise forms.ValidationError({"file" if file else "pasted": str(error)}) from error
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if limit and len(as_text(self.rows).encode()) > limit - _FORM_BYTES:
            raise forms.ValidationError("This list is too long for a page; use manage.py import_channels.")
        return cleaned


def as_text(rows: Sequence[Row]) -> str:
    """The new channels of a list as lines that can be read again."""
    return "\n".join(f"{row.typed}\t{row.name}" for row in rows if row.verdict == Verdict.NEW)


def subscription_urls(model_admin: admin.ModelAdmin[Channel]) -> list[URLPattern]:
    """The pages of this module, for the admin of channels."""

    def page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return model_admin.admin_site.admin_view(partial(view, model_admin))

    return [
        path("add-many/", page(_add_many), name="channels_channel_add_many"),
        path("export/<str:format_name>/", page(_export), name="channels_channel_export"),
    ]


def _add_many(model_admin: admin.ModelAdmin[Channel], request: HttpRequest) -> HttpResponse:
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if "follow" in request.POST:
        return _follow(model_admin, request)
    form = ListForm(request.POST, request.FILES) if request.method == "POST" else ListForm()
    rows = form.rows if form.is_bound and form.is_valid() else []
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Add many channels",
        "form": form,
        "rows": rows,
        "counts": count_verdicts(rows),
        "text": as_text(rows),
    }
    return TemplateResponse(request, "admin/channels/channel/add_many.html", context)


def _follow(model_admin: admin.ModelAdmin[Channel], request: HttpRequest) -> HttpResponse:
    try:
        followed = len(follow_all(preview(request.POST.get("text", ""))))
    except ListError as error:
        model_admin.message_user(request, str(error), messages.ERROR)
        return redirect("admin:channels_channel_add_many")
    noun = "channel is" if followed == 1 else "channels are"
    words = f"{followed} {noun} followed now. They are looked up one after another, then their videos are read."
    model_admin.message_user(request, words if followed else "All of them were there already.", messages.SUCCESS)
    return redirect("admin:channels_channel_changelist")


def _export(model_admin: admin.ModelAdmin[Channel], request: HttpRequest, format_name: str) -> HttpResponse:
    if not model_admin.has_view_permission(request):
        raise PermissionDenied
    if format_name not in FORMATS:
        raise Http404(f"Channels are exported as {' or '.join(FORMATS)}.")
    headers = {"Content-Disposition": f'attachment; filename="channels.{format_name}"'}
    return HttpResponse(export(format_name), FORMATS[format_name].content_type, headers=headers)
