"""What the admin of channels and of videos share: edits that the next scrape keeps, and the platform's word beside."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString


class EditsAdmin(admin.ModelAdmin[Any]):
    """For models with `upstream`, `edit` and `give_back`."""

    class Media:
        css = {"all": ("css/steering.css",)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """With what the platform says below each field that an operator has edited."""
        form = super().get_form(request, obj, change=change, **kwargs)
        for name, value in (obj.upstream if obj else {}).items():
            if field := form.base_fields.get(name):
                field.help_text = _platform_says(value, str(field.help_text))
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002 - Django's signature
        """Save what was changed and nothing else, so that what a scrape writes meanwhile stays."""
        if form.changed_data:
            obj.edit(**{name: form.cleaned_data[name] for name in form.changed_data})

    @admin.action(description="Give edited fields back to the platform", permissions=["change"])
    def give_back(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Restore what the platform says."""
        given = [row.give_back() for row in rows]
        fields = sum(map(len, given))
        if not fields:
            self.message_user(request, "Nothing of them was edited.")
            return
        words = f"{fields} field{'s' if fields != 1 else ''} of {sum(map(bool, given))}"
        self.message_user(request, f"{words} are as the platform says again.")


def _platform_says(value: Any, help_text: str) -> SafeString:
    shown = ", ".join(value) if isinstance(value, list) else value
    said = format_html("Platform says: <q>{}</q>.", shown) if shown else SafeString("The platform says nothing of it.")
    return format_html('<span class="upstream">{} Your edit stays.</span> {}', said, help_text)
