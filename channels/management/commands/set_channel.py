"""manage.py set_channel: how a channel is read, set without the admin."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from channels.models import Channel, TabKind

BAD_INPUT = 2
# The options that set a field: its name, how what is typed becomes a value, and the word that empties it.
_FIELDS: dict[str, tuple[str, Callable[[str], Any], str, Any]] = {
    "interval": ("interval_minutes", int, "auto", None),
    "title_pattern": ("title_pattern", str, "none", ""),
    "shortest": ("shortest_seconds", int, "none", None),
    "longest": ("longest_seconds", int, "none", None),
}


class Command(BaseCommand):
    """Set what is given, leave the rest, and print what the channel is set to."""

    help = (
        "Set how a channel is read: an address, a handle or the slug of a channel that is followed. "
        "Exit codes: 0 done, 2 bad input, of which nothing is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The options."""
        parser.add_argument("channel", help="such as @kurzgesagt, its address, or its slug")
        parser.add_argument("--interval", metavar="MINUTES", help="between two looks; auto: the channel's own rhythm")
        parser.add_argument("--tabs", metavar="KINDS", help=f"the lists to read, of {','.join(TabKind.values)}")
        parser.add_argument("--title-pattern", metavar="RE", help="only videos whose title it finds; none: all")
        parser.add_argument("--shortest", metavar="SECONDS", help="leave shorter videos out; none: take them")
        parser.add_argument("--longest", metavar="SECONDS", help="leave longer videos out; none: take them")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--pause", action="store_true", help="read it no more; its videos stay")
        how.add_argument("--resume", action="store_true", help="read it again")
        parser.add_argument("--give-back", action="store_true", help="edited fields are as the platform says again")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the command."""
        channel = Channel.objects.all().named(options["channel"])
        if channel is None:
            self._refuse(f"No channel is known as “{options['channel']}”. Give its address, handle or slug.")
        changes = self._changes(options)
        kinds = self._kinds(channel, options["tabs"])
        self._validate(channel, changes)
        with transaction.atomic():
            if changes:
                channel.edit(**changes)
            if kinds:
                channel.follow_lists(kinds)
            if options["give_back"]:
                channel.give_back()
        for line in _settings(channel):
            self.stdout.write(line)

    def _changes(self, options: dict[str, Any]) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for option, (field, parse, empty_word, empty) in _FIELDS.items():
            typed = options[option]
            if typed is None:
                continue
            try:
                changes[field] = empty if typed == empty_word else parse(typed)
            except ValueError:
                self._refuse(f"--{option} takes a whole number or {empty_word}, not “{typed}”.")
        if options["pause"] or options["resume"]:
            changes["is_active"] = options["resume"]
        return changes

    def _kinds(self, channel: Channel, typed: str | None) -> list[str]:
        if typed is None:
            return []
        has = list(channel.tabs.values_list("kind", flat=True))
        kinds = [kind.strip() for kind in typed.split(",")]
        if unknown := [kind for kind in kinds if kind not in has]:
            words = f"It has {', '.join(has)}." if has else "None of its lists is known yet."
            self._refuse(f"“{channel.name}” has no list “{', '.join(unknown)}”. {words}")
        return kinds

    def _validate(self, channel: Channel, changes: dict[str, Any]) -> None:
        for field, value in changes.items():
            setattr(channel, field, value)
        others = {field.name for field in Channel._meta.fields} - set(changes)  # noqa: SLF001 - Django's documented Meta API
        try:
            channel.full_clean(exclude=others, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            self._refuse(" ".join(f"{field}: {' '.join(words)}" for field, words in error.message_dict.items()))

    def _refuse(self, message: str) -> NoReturn:
        raise CommandError(message, returncode=BAD_INPUT)


def _settings(channel: Channel) -> list[str]:
    """What a channel is set to, a line each."""
    tabs = list(channel.tabs.all())
    interval = f"every {channel.interval_minutes} minutes" if channel.interval_minutes else "its own rhythm"
    shortest, longest = (
        f"{seconds} seconds" if seconds is not None else "none"
        for seconds in (channel.shortest_seconds, channel.longest_seconds)
    )
    return [
        f"{channel.name} ({channel.slug})",
        f"followed:       {'yes' if channel.is_active else 'paused'}",
        f"interval:       {interval}",
        f"lists:          {', '.join(tab.kind for tab in tabs if tab.is_followed) or 'none'}",
        f"lists left out: {', '.join(tab.kind for tab in tabs if not tab.is_followed) or 'none'}",
        f"title pattern:  {channel.title_pattern or 'none'}",
        f"shortest:       {shortest}",
        f"longest:        {longest}",
        f"edited fields:  {', '.join(channel.upstream) or 'none'}",
    ]
