from typing import Any

from django.db import migrations, models
from django.db.models import Q


def mark(apps: Any, schema_editor: Any) -> None:
    """Of what was written down before, what a plan leaves in the report tells a dry run; a failed one cannot be told any more."""
    changes = apps.get_model("dbadmin", "DatabaseChange").objects.using(schema_editor.connection.alias)
    planned = Q(outcome="planned") | Q(outcome="unchanged", report__has_key="blocked")
    changes.filter(planned).update(is_dry_run=True)


class Migration(migrations.Migration):

    dependencies = [
        ('dbadmin', '0003_versions_of_64_bits'),
    ]

    operations = [
        migrations.AddField(
            model_name='databasechange',
            name='is_dry_run',
            field=models.BooleanField(default=False, help_text='It was only planned.'),
        ),
        migrations.RunPython(mark, migrations.RunPython.noop, elidable=True),
    ]
