"""The folder of plans and of what became of them; for the owner alone, because plans hold prompts."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.errors import FaultError, UsageError
from ima_skills.file_lock import try_lock
from ima_skills.file_rules import user_path
from ima_skills.nearest import nearest
from ima_skills.workflows.digest import wish_mark
from ima_skills.workflows.plan_file import plan_text, read_document, read_plan
from ima_skills.workflows.run_record import RunRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.workflows.digest import Marks
    from ima_skills.workflows.plan import Plan, PricedStep

FOLDER = "ima_workflows"
_RECORD = ".run.json"
_PRIVATE = 0o600


def store_folder(home: Path, environ: Mapping[str, str]) -> Path:
    """Return where plans are kept: ``IMA_WORKFLOW_STORE_DIR``, else ``ima_workflows`` under the state folder."""
    return user_path(environ.get("IMA_WORKFLOW_STORE_DIR") or home / FOLDER)


@frozen
class PlanStore:
    """Plans and their records in one folder.

    Attributes:
        folder: Made when something is to be written.
    """

    folder: Path

    def find(self, name: str) -> Path:
        """Return the file of a plan that is named by its id, or by a path.

        Raises:
            UsageError: There is none.
        """
        path = user_path(name)
        if path.is_file():
            return path
        known = self.plan_path(name)
        if "/" not in name and known.is_file():
            return known
        close = nearest(name, [item.stem for item in self.plans()])
        raise UsageError(
            f"there is no plan {name}",
            code="unknown-plan",
            hint=f"Did you mean {close}?" if close else "Look at: ima-skills workflows list",
            details={"name": str(name), "nearest": [close] if close else []},
        )

    def plans(self) -> list[Path]:
        """Return the files of all plans; those of other programs in the folder are passed over."""
        try:
            return sorted(p for p in self.folder.glob("*.json") if not p.name.endswith(_RECORD))
        except OSError:
            return []

    def plan_path(self, plan_id: str) -> Path:
        """Return where a plan of this id belongs."""
        return self.folder / f"{plan_id}.json"

    def free_id(self, base_url: str, steps: tuple[PricedStep, ...], *, fresh: bool = False) -> str:
        """Return the id of a plan: the same wish at the same service has the same one.

        Args:
            base_url: The service.
            steps: The priced wish.
            fresh: Whether it is meant once more.
        """
        mark, number = wish_mark(base_url, steps), 1
        wanted = name = f"wf-{mark}"
        while self.plan_path(name).exists() and (fresh or not _is_wish(self.plan_path(name), mark)):
            number += 1
            name = f"{wanted}-{number}"
        return name

    def save(self, plan: Plan, earlier: Mapping[str, Marks]) -> Path:
        """Write a plan; it is on disk when this returns.

        Raises:
            FaultError: It cannot be written.
        """
        path = self.plan_path(plan.id)
        write_private(path, plan_text(plan, earlier))
        return path

    def record(self, plan_id: str) -> RunRecord | None:
        """Return what became of a plan; None when it never ran.

        Raises:
            FaultError: ``broken-record``: the record cannot be read; going on without it could pay twice.
        """
        path = self._record_path(plan_id)
        if not path.exists():
            return None
        try:
            return structure(strict_converter(), read_document(path), RunRecord)
        except (UsageError, StructureError) as error:
            raise FaultError(
                f"{path} cannot be read: {error}", code="broken-record",
                hint="It says what was paid for. Restore it, or delete it and look at: ima-skills tasks list",
            ) from error  # fmt: skip

    def save_record(self, record: RunRecord) -> None:
        """Write what became of a plan; it is on disk when this returns.

        Raises:
            FaultError: It cannot be written.
        """
        text = json.dumps(asdict(record), ensure_ascii=False, indent=1)
        write_private(self._record_path(record.plan_id), text)

    @contextmanager
    def alone(self, plan_id: str) -> Iterator[None]:
        """Let one process at a time run a plan.

        Raises:
            UsageError: ``workflow-running``: another one does.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.folder / f".{plan_id}.lock", os.O_CREAT | os.O_RDWR, _PRIVATE)
        try:
            # Where there are no such locks, the journal keeps equal steps apart all the same.
            if try_lock(handle) is False:
                raise UsageError(
                    f"another process runs {plan_id}", code="workflow-running",
                    hint=f"Look at: ima-skills workflows show {plan_id}",
                )  # fmt: skip
            yield
        finally:
            os.close(handle)

    def _record_path(self, plan_id: str) -> Path:
        return self.folder / f"{plan_id}{_RECORD}"


def _is_wish(path: Path, mark: str) -> bool:
    """Tell whether a file holds the plan of a wish, and no other one that it was edited into."""
    try:
        plan = read_plan(path).plan
    except UsageError:
        return False
    return plan is not None and wish_mark(plan.base_url, plan.steps) == mark


def write_private(path: Path, text: str) -> None:
    """Write a file whole or not at all, for the owner alone.

    Raises:
        FaultError: ``state-unwritable``: it cannot be written.
    """
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(staged, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _PRIVATE)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        staged.replace(path)
    except OSError as error:
        raise FaultError(
            f"{path} cannot be written: {error.strerror or type(error).__name__}",
            details={"path": str(path), "why": error.strerror or type(error).__name__},
            code="state-unwritable",
            hint="Make room, or set IMA_HOME to a folder that can be written.",
        ) from error
