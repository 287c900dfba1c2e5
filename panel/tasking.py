"""What every task of the panel's worker is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery import Task

from lib.history import acting

if TYPE_CHECKING:
    _Task = Task[Any, Any]
else:  # celery's own class takes no parameters
    _Task = Task


class PanelTask(_Task):
    """What a task changes is kept as the panel's own work, under the task's name; one that works for a
    person says so with lib.history.acting inside."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting(None, f"task {self.name}"):
            return super().__call__(*args, **kwargs)
