"""From options to a client: the real service, or a sandbox in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import field, frozen

from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.cli.output import Output
    from ima_skills.client import ImaClient
    from ima_skills.file_rules import FileRules
    from ima_skills.plugin_set import PluginSet
    from ima_skills.preferences import UserPreferences
    from ima_skills.recording import Journal
    from ima_skills.registry import Registry
    from ima_skills.settings import Settings


@frozen
class PluginChoice:
    """Which plugins take part.

    Attributes:
        disabled: Names to leave out.
        third_party: Whether plugins of others may join.
    """

    disabled: tuple[str, ...] = ()
    third_party: bool = True

    def load(self) -> PluginSet:
        """Build the plugin set."""
        from ima_skills.plugin_set import load_plugins

        return load_plugins(disable=self.disabled, third_party=self.third_party)


@frozen
class Connection:
    """Where the service is, as the options say.

    Attributes:
        base_url: Root of the service; None takes the usual one.
        upload_base_url: Root of uploads; None takes the usual one.
        api_key: The key of ``--api-key``; None takes the environment's.
        sandbox: Whether to work on a sandbox in this process.
        sandbox_speed: Its speed.
    """

    base_url: str | None = None
    upload_base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    sandbox: bool = False
    sandbox_speed: float = 60.0

    def flags(self) -> str:
        """Return the options that lead a later command to the same service, with a leading space."""
        if self.sandbox:
            return " --sandbox"
        given = (("--base-url", self.base_url), ("--upload-base-url", self.upload_base_url))
        return "".join(f" {name} {value}" for name, value in given if value)

    def must_agree(self) -> None:
        """Refuse options that contradict each other.

        Raises:
            UsageError: A sandbox in this process has no address to be given.
        """
        if self.sandbox and (self.base_url or self.upload_base_url):
            raise UsageError(
                "--sandbox and --base-url are two different services",
                code="conflicting-options",
                hint="Leave one of them out; --sandbox is also set by IMA_SANDBOX.",
                details={"options": ["--sandbox", "--base-url"]},
            )


def open_client(  # noqa: PLR0913 - one keyword per part that differs between commands
    connection: Connection,
    plugin_choice: PluginChoice,
    output: Output,
    *,
    degrade: bool = True,
    journal: Journal | None = None,
    files: FileRules | None = None,
    preferences: UserPreferences | None = None,
) -> ImaClient:
    """Return a client; close it, or use it as an asynchronous context manager.

    Args:
        connection: Where the service is.
        plugin_choice: Which plugins take part.
        output: Warns about a key on the command line; knows the language.
        degrade: Whether a refused job may be made smaller.
        journal: Remembers what is sent.
        files: Where inputs may come from, and what becomes of files that are there.
        preferences: What the user has saved.

    Raises:
        UsageError: The options contradict each other, or an address is no good.
        CredentialError: The key cannot be a key.
    """
    connection.must_agree()
    from ima_skills.lean_httpx import import_httpx

    import_httpx()

    plugins = watched(plugin_choice, output)
    registry = load_known(plugins)
    if connection.sandbox:
        return _sandboxed(
            connection, plugins, registry, output, degrade=degrade, journal=journal, files=files,
            preferences=preferences,
        )  # fmt: skip
    from ima_skills.client import ImaClient
    from ima_skills.courier.sender import Courier

    if connection.api_key:
        output.note("note.api-key")
    return ImaClient(
        _settings(connection), plugins=plugins, registry=registry, language=output.language, degrade=degrade, journal=journal,
        files=files, preferences=preferences, sender=Courier,
    )  # fmt: skip


def watched(plugin_choice: PluginChoice, output: Output) -> PluginSet:
    """Return the plugins; what one of them does wrong from now on is said at once, and logged."""
    from ima_skills.cli.log_keeping import keep_log, log_fault

    plugins = plugin_choice.load()
    keep_log(plugins)

    def tell(name: str, fault: str) -> None:
        output.note("plugins.broke", name=name, fault=fault)
        log_fault(name, fault)

    plugins.on_fault = tell
    return plugins


def _settings(connection: Connection) -> Settings:
    from ima_skills.settings import read_settings

    settings = read_settings(connection.api_key, connection.base_url, connection.upload_base_url)
    if settings.api_key is None:
        from ima_skills.key_store import stored_key

        # The environment wins; the keyring is opened only where there is no other key.
        settings = read_settings(stored_key(), connection.base_url, connection.upload_base_url)
    return settings


def load_known(plugins: PluginSet) -> Registry:
    """Return the registry of the first party and of the plugins."""
    from ima_skills.registry import load_registry, read_toml
    from ima_skills.registry_cache import TomlMemory
    from ima_skills.settings import state_home

    memory = TomlMemory(state_home() / "cache", read_toml)
    registry = load_registry(plugins.registry_roots(), memory.read)
    memory.keep()
    return registry


def sandbox_state() -> Path:
    """Return where the sandbox of ``--sandbox`` keeps its account, tasks and files."""
    from ima_skills.settings import state_home

    return state_home() / "ima_sandbox"


def _sandboxed(  # noqa: PLR0913 - the parts of a client
    connection: Connection,
    plugins: PluginSet,
    registry: Registry,
    output: Output,
    *,
    degrade: bool,
    journal: Journal | None,
    files: FileRules | None,
    preferences: UserPreferences | None,
) -> ImaClient:
    from ima_skills.offline import sandbox_client

    state = sandbox_state()
    try:
        return sandbox_client(
            state,
            speed=connection.sandbox_speed,
            plugins=plugins,
            registry=registry,
            language=output.language,
            degrade=degrade,
            journal=journal,
            files=files,
            preferences=preferences,
        )
    except OSError as error:
        raise UsageError(
            f"the sandbox cannot keep its state in {state}: {error.strerror or type(error).__name__}",
            code="state-folder",
            hint="Set IMA_HOME to a folder that can be written.",
            details={"folder": str(state), "why": error.strerror or type(error).__name__},
        ) from error
