"""``ima-skills drop-in``: the command lines of the older skills, with what they answered and how they ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, tone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.running import Journal
    from ima_skills.cli.session import Connection
    from ima_skills.client import ImaClient
    from ima_skills.domain.request import Request
    from ima_skills.domain.task import Result
    from ima_skills.drop_in.words import OldLine
    from ima_skills.preparing import Prepared

# The older scripts knew success, failure, and a command line that they could not read.
_FAILED, _UNREADABLE = 1, 2
# The codes of a command that was interrupted are the shell's, not the scripts'.
_INTERRUPTED = 128
# The next step in the words of these scripts, where other commands have other options.
_HINTS = {
    "needs-consent": "Nothing was sent. Name the model with --model-id, or set a cap: IMA_MAX_POINTS.",
    "no-model-named": "Add --model-id ID.",
    "outcome-unknown": "It may have been charged and is not sent again by itself. Check your records at"
    " https://imastudio.com/dashboard; to send it all the same, look up its ID with ima-skills tasks list,"
    " then run: ima-skills tasks forget ID",
}
# What these scripts have no option for.
_ELSEWHERE = (" (--fix nearest takes it)", "（加 --fix nearest 即可采用）")


@click.command(
    "drop-in",
    cls=Command,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    help="Run the command line WORDS of the older script NAME, for instance ima_create.",
)
@click.argument("name")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(context: click.Context, name: str, words: tuple[str, ...]) -> int:
    """Run an old command line; see the help text. Exits with the codes of the older scripts."""
    from ima_skills.cli.output import Output
    from ima_skills.drop_in.words import read_words
    from ima_skills.errors import ImaError

    output = Output(tone_of(context).language)
    try:
        line = read_words(name, words, output.language)
    except ImaError as error:
        return _told(error, output, as_json="--output-json" in words, code=_UNREADABLE)
    if line.usage:
        output.text(line.usage.rstrip())
        return 0
    if line.language:
        output = Output("zh" if line.language == "zh" else "en")
    try:
        _run(line, output)
    except Exception as error:  # noqa: BLE001 - whatever happens ends with a message and the scripts' exit code
        return _told(error, output, as_json=line.output_json)
    return 0


def _told(error: Exception, output: Output, *, as_json: bool, code: int = _FAILED) -> int:
    """Tell an error as every command does, and return the older scripts' code for it."""
    from ima_skills.cli.boundary import report, translate
    from ima_skills.cli.documents import error_document
    from ima_skills.cli.groups import Tone
    from ima_skills.cli.output import ReaderGoneError
    from ima_skills.errors import ImaError

    if isinstance(error, ImaError):
        error.hint = _HINTS.get(error.name, error.hint)
        for words in _ELSEWHERE:
            error.hint = error.hint.replace(words, "")
    own = report(error, Tone(output.language))
    if isinstance(error, ReaderGoneError):
        return own
    if as_json:
        output.json(error_document(translate(error, output)))
    return own if own > _INTERRUPTED else code


def _run(line: OldLine, output: Output) -> None:
    from ima_skills.cli.session import Connection

    given = _given(line)
    connection = Connection(
        base_url=line.base_url,
        upload_base_url=line.upload_base_url,
        api_key=line.api_key,
        sandbox=given["sandbox"],
        sandbox_speed=given["sandbox_speed"],
    )
    if line.list_models:
        _list(line, connection, output)
    else:
        _create(line, given, connection, output)


def _given(line: OldLine) -> dict[str, Any]:
    """Return what such a command line says in the words of ``create``; the environment fills in what it does not.

    Who names a model has agreed to its price: the older scripts never asked. Without a model the usual
    consent is needed, and every cap holds either way.
    """
    from ima_skills.cli.create import command as create

    surroundings = create.make_context("create", []).params
    return {
        **surroundings,
        "model": line.model_id,
        "version_id": line.version_id,
        "user_id": line.user_id or surroundings["user_id"],
        "remember_model": line.remember_model,
        "yes": bool(line.model_id or line.version_id),
    }


def _list(line: OldLine, connection: Connection, output: Output) -> None:
    from ima_skills.cli.product_lists import live_lists
    from ima_skills.cli.session import PluginChoice, load_known
    from ima_skills.drop_in.translating import model_rows, task_type_of

    choice = PluginChoice()
    kind = task_type_of(line, load_known(choice.load()))
    lists = live_lists(connection, choice, output, kind)
    rows = [row for page in lists.pages for row in model_rows(lists.registry, lists.quirks, page)]
    if line.output_json:
        output.json(rows)
    else:
        output.text("\n".join(_table(rows, kind, output)))


def _table(rows: list[dict[str, Any]], task_type: str, output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    yield output.say("drop_in.models", task_type=task_type)
    names = ("name", "model_id", "version_id", "credit", "attr_id")
    # Headings as the older scripts print them: whoever reads the table looks for these.
    head = ("Name", "model_id", "version_id", "pts", "attr_id")
    yield from table(head, [[str(row[name]) for name in names] for row in rows])


def _create(line: OldLine, given: dict[str, Any], connection: Connection, output: Output) -> None:
    from pathlib import Path

    from ima_skills.cli.bookkeeping import hand_over, may_have_left, open_books
    from ima_skills.cli.preference_book import usual_models
    from ima_skills.cli.running import Journal, run
    from ima_skills.cli.session import PluginChoice, open_client
    from ima_skills.drop_in.translating import answer
    from ima_skills.file_rules import FileRules

    root = Path(given["input_root"]) if given["input_root"] else None
    books = open_books(output, plays=connection.sandbox)
    client = open_client(
        connection,
        PluginChoice(),
        output,
        journal=books,
        files=FileRules(input_root=root),
        preferences=usual_models(given, output),
    )
    journal = Journal(flags=connection.flags(), may_have_left=lambda: may_have_left(books))
    result = run(lambda: _made(client, line, given, output, journal), journal)
    document = answer(result)
    if line.output_json:
        output.json(document)
    else:
        output.text("\n".join(_lines(document)))
    hand_over(books, result.task_id, output)


async def _made(
    client: ImaClient, line: OldLine, given: dict[str, Any], output: Output, journal: Journal
) -> Result:
    from ima_skills.cli.bookkeeping import must_consent
    from ima_skills.cli.create import made, terms_of
    from ima_skills.cli.preference_book import keeping
    from ima_skills.cli.progress import board_of
    from ima_skills.drop_in.translating import request_of

    terms = terms_of(given)
    async with client:
        prepared = await _prepared(client, request_of(line, client.registry, output.language))
        for notice in prepared.notices:
            output.aside(notice.say(output.language))
        for change in prepared.changes:
            output.note("drop_in.change", param=change.param, because=change.why(output.language))
        terms = await must_consent(client, prepared, terms, given, output)
        with board_of(client, output) as board:
            hear = keeping(prepared, given, output, journal.listen)
            return await made(client, prepared, terms, given, board, hear)


async def _prepared(client: ImaClient, request: Request) -> Prepared:
    """Prepare a request as the older scripts would: a parameter that the model does not have is left out, and said."""
    from ima_skills.drop_in.translating import foreign, without
    from ima_skills.errors import InvalidRequestError

    try:
        return await client.prepare(request)
    except InvalidRequestError as error:
        names = foreign(error)
        if not names:
            raise
    return await client.prepare(without(request, names))


def _lines(document: dict[str, Any]) -> Iterator[str]:
    # Spelled as the older scripts spell it: whoever reads the text looks for these words.
    yield f"URL:   {document['url']}"
    if document["cover_url"]:
        yield f"Cover: {document['cover_url']}"
    for address in document.get("urls", ())[1:]:
        yield f"URL:   {address}"
