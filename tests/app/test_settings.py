"""Settings: flags beat the environment, which beats the config file; what cannot be used says so in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from spark_tui.app.settings import DEFAULT_RATE, SettingsError, check_base_url, load_settings


def config(tmp_path: Path, text: str) -> dict[str, str]:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return {"SPARK_TUI_CONFIG": str(path)}


def test_nothing_configured_is_offline_whatever_keys_lie_about() -> None:
    settings = load_settings(environ={"OPENAI_API_KEY": "sk-x"})
    assert settings.offline
    assert settings.api_key == "sk-x"


def test_flag_beats_environment_beats_file(tmp_path: Path) -> None:
    env = config(tmp_path, 'base_url = "wss://file/v1"\nmodel = "m-file"\n')
    assert load_settings(environ=env).base_url == "wss://file/v1"
    env["SPARK_TUI_BASE_URL"] = "wss://env/v1"
    assert load_settings(environ=env).base_url == "wss://env/v1"
    assert load_settings(environ=env, base_url="ws://flag/v1/").base_url == "ws://flag/v1"
    assert load_settings(environ=env).model == "m-file"


def test_offline_wins_over_every_endpoint() -> None:
    assert load_settings(environ={"SPARK_TUI_BASE_URL": "wss://env/v1"}, offline=True).offline


def test_own_key_beats_the_common_one_and_is_never_shown() -> None:
    settings = load_settings(environ={"OPENAI_API_KEY": "common", "SPARK_TUI_API_KEY": "own-secret"})
    assert settings.api_key == "own-secret"
    assert "own-secret" not in repr(settings)


@pytest.mark.parametrize("url", ["", "host/v1", "ftp://host/v1", "ws://", "localhost:8000"])
def test_what_is_no_endpoint_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="should be like"):
        check_base_url(url)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("modle = 'x'", "unknown setting 'modle'"),
        ("model = 3", "'model' should be a text"),
        ("rate = -1", "tokens a second"),
        ("rate = true", "tokens a second"),
        ("profiles = 'x'", "table of tables"),
        ("model = ", "not valid TOML"),
        ('[profiles."*"]\ncontext_tokens = "many"', "'profiles' in the config file"),
        ("[profiles]\nx = 3", "'profiles' in the config file"),
    ],
)
def test_a_bad_config_file_is_one_clear_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        load_settings(environ=config(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_a_config_file_that_is_a_folder_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        load_settings(environ={"SPARK_TUI_CONFIG": str(tmp_path)})


def test_rate_from_flag() -> None:
    assert load_settings(environ={}, rate=0).rate == 0.0
    assert load_settings(environ={}).rate == DEFAULT_RATE


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_is_a_number_that_can_be_waited_for(rate: float) -> None:
    with pytest.raises(SettingsError, match="tokens a second"):
        load_settings(environ={}, rate=rate)


@pytest.mark.parametrize("url", ["http://[x", "http://x:99999", "http://x:y", "http://", "x", "ftp://x/v1"])
def test_an_address_that_is_none_is_one_line(url: str) -> None:
    with pytest.raises(SettingsError, match="base URL"):
        load_settings(environ={}, base_url=url)


def test_a_bundle_of_certificates_comes_from_the_environment_or_the_file(tmp_path: Path) -> None:
    env = config(tmp_path, 'ca_bundle = "/file.pem"\n')
    assert load_settings(environ=env).ca_bundle == "/file.pem"
    env["SPARK_TUI_CA_BUNDLE"] = "/env.pem"
    assert load_settings(environ=env).ca_bundle == "/env.pem"
    assert load_settings(environ={}).ca_bundle is None


def test_a_local_server_is_looked_for_only_where_nothing_was_said() -> None:
    assert load_settings(environ={}).asks_local
    assert not load_settings(environ={}, offline=True).asks_local
    assert not load_settings(environ={"SPARK_TUI_BASE_URL": "wss://env/v1"}).asks_local
