"""Files and folders on a command line, as people write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import os


class Place(click.Path):
    """A path whose ``~`` is put out before anything is checked.

    A shell does so by itself, but not in ``--out=~/made``, in quotes, or where an agent passes plain words.
    """

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return the checked path.

        Raises:
            BadParameter: It is empty, as a variable of a shell that is not set is: nobody means the folder where
                they happen to be.
            UsageError: It begins at the home folder of somebody who is not known here.
        """
        name = str(value)
        if not name:
            self.fail("the name is empty", param, ctx)
        if not name.startswith("~"):
            return super().convert(value, param, ctx)
        from ima_skills.file_rules import user_path

        return super().convert(str(user_path(name)), param, ctx)
