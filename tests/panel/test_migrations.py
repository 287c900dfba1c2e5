"""An upgrade can be taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

OURS = {app.label for app in apps.get_app_configs() if Path(app.path).parent == Path(settings.BASE_DIR)}


@pytest.mark.django_db
def test_every_step_of_every_migration_can_be_taken_back() -> None:
    found = {
        f"{app}.{name}": [str(step) for step in migration.operations if not step.reversible]
        for (app, name), migration in MigrationLoader(connection).disk_migrations.items()
        if app in OURS
    }
    assert len(found) > 50
    assert {name: steps for name, steps in found.items() if steps} == {}
