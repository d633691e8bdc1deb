"""What the user configured: flags, then the environment, then the config file, in that order of strength."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from platformdirs import PlatformDirs

DIRS = PlatformDirs("spark-tui", appauthor=False)
CONFIG_FILE = "config.toml"
DEFAULT_RATE = 1200.0
DEFAULT_THEME = "spark-dark"
SCHEMES = ("ws", "wss", "http", "https")
KNOWN_KEYS = frozenset(
    {"base_url", "model", "theme", "rate", "profiles", "reasoning_effort", "service_tier"}
    | {"ca_bundle", "test_command"}
)


class SettingsError(Exception):
    """A setting cannot be used; ``str()`` is one line that names it and what it should be."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the program can be told from outside."""

    base_url: str | None = None
    """Where the model is, ending in ``/v1``; ``None`` starts the local gateway with the offline engine."""

    api_key: str | None = field(default=None, repr=False)
    """Sent as a bearer token; ``None`` sends none."""

    model: str = ""
    """The model's name as the endpoint knows it; ``""`` leaves the choice to the endpoint."""

    theme: str | None = None
    """A Textual theme's name; ``None`` is the one chosen last in the program, :data:`DEFAULT_THEME` at first."""

    rate: float = DEFAULT_RATE
    """Tokens a second of the offline engine; 0 is as fast as it can."""

    profiles: Mapping[str, Any] = field(default_factory=dict)
    """Tables that extend or override the model profiles that ship with the program, by pattern."""

    reasoning_effort: str | None = None
    """Asked of models that reason; ``None`` leaves it to the endpoint."""

    service_tier: str | None = None
    """Sent as it is; ``None`` sends none."""

    test_command: str | None = None
    """What ``/test`` runs; ``None`` finds it from the project's files."""

    ca_bundle: str | None = None
    """A file of certificates to trust beside the system's; ``None`` adds none."""

    asks_local: bool = False
    """Whether nothing was said about where the model is, so that a server on this machine is looked for."""

    @property
    def offline(self) -> bool:
        """Whether the program answers with its own engine."""
        return self.base_url is None


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where the config file is looked for: ``SPARK_TUI_CONFIG``, else the platform's config folder."""
    named = (os.environ if environ is None else environ).get("SPARK_TUI_CONFIG")
    return Path(named) if named else DIRS.user_config_path / CONFIG_FILE


def read_config(path: Path) -> dict[str, Any]:
    """Return the config file's table; empty where there is no file. Raises :exc:`SettingsError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot read {path}: {error}") from None
    import tomllib  # only where there is a file: the first frame waits for this module

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from None
    unknown = sorted(set(table) - KNOWN_KEYS)
    if unknown:
        raise SettingsError(f"{path}: unknown setting {unknown[0]!r}; known are {', '.join(sorted(KNOWN_KEYS))}")
    return table


def check_base_url(url: str) -> str:
    """Return ``url`` without a trailing slash. Raises :exc:`SettingsError` where it is no endpoint."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(f"base URL {url!r} should be like wss://host/v1 (ws, wss, http or https)")
    return url.rstrip("/")


def load_settings(
    *,
    base_url: str | None = None,
    model: str | None = None,
    offline: bool = False,
    rate: float | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Combine flags (the arguments), the environment and the config file.

    ``offline`` wins over every configured endpoint. Raises :exc:`SettingsError`.
    """
    env = os.environ if environ is None else environ
    config = read_config(config_path(env))
    url = base_url or env.get("SPARK_TUI_BASE_URL") or _text(config, "base_url")
    chosen_rate = config.get("rate", DEFAULT_RATE) if rate is None else rate
    if not isinstance(chosen_rate, int | float) or isinstance(chosen_rate, bool) or not 0 <= chosen_rate < inf:
        raise SettingsError(f"rate {chosen_rate!r} should be a number of tokens a second, 0 for no limit")
    profiles = config.get("profiles", {})
    if not isinstance(profiles, dict):
        raise SettingsError("'profiles' should be a table of tables, one for each pattern of model names")
    chosen_model = model or env.get("SPARK_TUI_MODEL") or _text(config, "model") or ""
    if profiles:
        _check_profiles(profiles)
    return Settings(
        base_url=None if offline or not url else check_base_url(url),
        api_key=env.get("SPARK_TUI_API_KEY") or env.get("OPENAI_API_KEY") or None,
        model=chosen_model,
        theme=_text(config, "theme"),
        rate=float(chosen_rate),
        profiles=profiles,
        reasoning_effort=_text(config, "reasoning_effort"),
        service_tier=_text(config, "service_tier"),
        test_command=_text(config, "test_command"),
        ca_bundle=env.get("SPARK_TUI_CA_BUNDLE") or _text(config, "ca_bundle"),
        asks_local=not offline and not url,
    )


def _check_profiles(profiles: Mapping[str, Any]) -> None:
    from spark_tui.protocol.profiles import profile_for  # only where there are any: the first frame waits for it

    try:
        profile_for("", profiles)
    except ValueError as error:
        raise SettingsError(f"'profiles' in the config file: {error}") from None


def _text(config: Mapping[str, Any], key: str) -> str | None:
    value = config.get(key)
    if value is not None and not isinstance(value, str):
        raise SettingsError(f"{key!r} should be a text, not {value!r}")
    return value
