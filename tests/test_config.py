"""The configuration: what it accepts, what it says about faults, and that no secret gets out."""

from __future__ import annotations

import contextlib
import re
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch import config
from batch.config import Config, Imap, SmtpFolder, SmtpServer
from batch.config_example import all_keys, example_yaml, key_table
from batch.config_places import read_places
from batch.config_secret import ConfigError

ROOT = Path(__file__).parent.parent

ON_FILES = """\
mail:
  address: billing@example.test
  name: Example Builders
  smtp: {folder: sent}
"""


def write(folder: Path, text: str) -> Path:
    """A config file in `folder`."""
    file = folder / "billings.yaml"
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def problems_of(folder: Path, text: str) -> list[str]:
    """What is said about `text`, each line without the file's name."""
    file = write(folder, text)
    with pytest.raises(ConfigError) as caught:
        config.load(file)
    assert all(problem.startswith(f"{file}:") for problem in caught.value.problems)
    return [problem.removeprefix(f"{file}:") for problem in caught.value.problems]


def with_imap(password: str, more: str = "") -> str:
    """A whole configuration with a mailbox, on a server on this machine."""
    return f"""
mail:
  address: billing@example.test
  name: Example Builders
  imap: {{host: 127.0.0.1, port: 1143, security: none, user: billing, password: {password}}}
  smtp: {{host: localhost, port: 1025, security: none}}
{more}"""


def test_the_least_configuration_has_every_default(tmp_path: Path) -> None:
    """Mail on files alone needs four keys; the rest is default, and paths begin at the config's folder."""
    loaded = config.load(write(tmp_path, ON_FILES))
    assert loaded.data == tmp_path
    assert loaded.database_url == f"sqlite:///{tmp_path}/billings.db"
    assert loaded.mail.smtp == SmtpFolder(folder=tmp_path / "sent")
    assert loaded.mail.imap is None
    assert (loaded.daemon.tick_seconds, loaded.daemon.idle, loaded.daemon.settle_seconds) == (60, True, 10)
    assert (loaded.limits.message_bytes, loaded.limits.workbook_bytes) == (26_214_400, 10_485_760)
    assert (loaded.limits.attempts, loaded.notices.delay_minutes) == (3, 60)


def test_paths_are_relative_to_the_file_and_the_database_to_the_data_folder(tmp_path: Path) -> None:
    """`data` begins at the config's folder, a relative database file at `data`; absolute ones stay."""
    loaded = config.load(write(tmp_path, ON_FILES + "data: var\nstore: {url: sqlite:///state/x.db}\n"))
    assert loaded.data == tmp_path / "var"
    assert loaded.database_file == tmp_path / "var" / "state" / "x.db"
    absolute = config.load(
        write(tmp_path, ON_FILES + f"data: {tmp_path}/a\nstore: {{url: sqlite:///{tmp_path}/b.db}}")
    )
    assert (absolute.data, absolute.database_file) == (tmp_path / "a", tmp_path / "b.db")


def test_every_fault_is_reported_at_once_with_its_place(tmp_path: Path) -> None:
    """All faults come in one go, in the order of the file, each with line, column, key and a sentence."""
    text = """\
        data: ./x
        data: y
        stroe: {url: sqlite:///a.db}
        mail:
          address: billing+x@example.com
          name: 12
          imap:
            host: mail.example.com
            port: 99x3
            security: none
            user: me
          smtp: {host: 10.0.0.1, security: nada, per_minute: 1.5, zzz: q}
        daemon:
          tick_second: 60
          idle: yes
        limits: 5
        notices: {delay_minutes: -1}
        """
    assert problems_of(tmp_path, text) == [
        "2:1: data: this key stands twice; the first is on line 1",
        "3:1: stroe: there is no such key; did you mean store?",
        (
            "5:12: mail.address: a plus in this address is in the way: each invite gets its own plus address "
            "(got 'billing+x@example.com')"
        ),
        "6:9: mail.name: write text; what could be a number goes in quotes (got 12)",
        "7:3: mail.imap.password: this key is needed, or mail.oauth",
        "9:11: mail.imap.port: write a whole number (got '99x3')",
        (
            "10:15: mail.imap.security: none is only for a server on this machine; write tls or starttls "
            "(got 'none')"
        ),
        "12:36: mail.smtp.security: write 'tls', 'starttls' or 'none' (got 'nada')",
        "12:54: mail.smtp.per_minute: write a whole number (got 1.5)",
        (
            "12:59: mail.smtp.zzz: there is no such key; here go host, port, security, user, password, "
            "per_minute and folder"
        ),
        "14:3: daemon.tick_second: there is no such key; did you mean tick_seconds?",
        "15:9: daemon.idle: write true or false (got 'yes')",
        "16:9: limits: write the keys of this part below it",
        "17:26: notices.delay_minutes: write 0 or more (got -1)",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1: mail: this key is needed"]),
        ("mail:\n", ["1:1: mail: this key is needed"]),
        ("- a\n- b\n", ["1:1: this is not a list of keys"]),
        ("mail: [\n", ["2:1: this is not YAML: expected the node content, but found something"]),
        ("a: b: c\n", ["1:5: this is not YAML: mapping values are not allowed here"]),
        ("mail: &m {name: x}\nstore: *m\n", ["2:1: store: aliases (*name) are not used here; write it out"]),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, expected: list[str]) -> None:
    """An empty file, a list, broken YAML and aliases each get a sentence and a place."""
    assert [line for line in problems_of(tmp_path, text) if line in expected] == expected


def test_a_missing_or_binary_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    """A file that is not there, or is no text, is a problem like any other."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        config.load(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        config.load(tmp_path / "bytes.yaml")


@pytest.mark.parametrize(
    "text", ["hunter2", "'hunter2'", "[hunter2]", "{env: hunter2, file: hunter2}", "*hunter2"]
)
def test_a_plain_secret_is_refused_and_never_repeated(tmp_path: Path, text: str) -> None:
    """A password in the file is refused, and nothing that is printed or raised repeats it."""
    said = problems_of(tmp_path, with_imap(text))
    assert said
    assert "hunter2" not in "".join(said)


def test_a_secret_below_a_misspelt_key_is_not_repeated(tmp_path: Path) -> None:
    """An unknown key gets a suggestion; its value may be a secret and is not shown."""
    said = problems_of(tmp_path, ON_FILES + "  imap: {host: localhost, user: a, pasword: hunter2}\n")
    assert any("did you mean password?" in line for line in said)
    assert "hunter2" not in "".join(said)


def test_a_secret_comes_from_the_environment_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading reads no secret; resolve() does, and what is shown of a Config is only the reference."""
    loaded = config.load(write(tmp_path, with_imap("{env: EXAMPLE_PASSWORD}")))
    assert loaded.mail.imap is not None
    assert loaded.mail.imap.password is not None
    with pytest.raises(ConfigError, match="EXAMPLE_PASSWORD, which should hold a secret, is not set"):
        loaded.mail.imap.password.resolve()
    monkeypatch.setenv("EXAMPLE_PASSWORD", "hunter2")
    assert loaded.mail.imap.password.resolve() == "hunter2"
    assert "hunter2" not in repr(loaded) + loaded.model_dump_json()


def test_a_secret_file_is_read_on_its_first_line(tmp_path: Path) -> None:
    """A closed file gives its first line without the end of the line."""
    secret = tmp_path / "imap.pw"
    secret.write_text("hunter2\n", encoding="utf-8")
    secret.chmod(0o600)
    loaded = config.load(write(tmp_path, with_imap("{file: imap.pw}")))
    assert isinstance(loaded.mail.imap, Imap)
    assert loaded.mail.imap.password is not None
    assert loaded.mail.imap.password.resolve() == "hunter2"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_secret_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    """A file open to group or others is refused when loading, and again when the secret is asked for."""
    secret = tmp_path / "imap.pw"
    secret.write_text("hunter2\n", encoding="utf-8")
    secret.chmod(0o600)
    loaded = config.load(write(tmp_path, with_imap("{file: imap.pw}")))
    secret.chmod(mode)
    said = problems_of(tmp_path, with_imap("{file: imap.pw}"))
    assert f"others may read it (mode {mode:04o}); chmod 600 it" in said[0]
    assert loaded.mail.imap is not None
    assert loaded.mail.imap.password is not None
    with pytest.raises(ConfigError, match="others may read it"):
        loaded.mail.imap.password.resolve()


def test_systemd_credentials_are_taken_whatever_their_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file below $CREDENTIALS_DIRECTORY is closed by systemd, so that its mode does not matter."""
    secret = tmp_path / "imap.pw"
    secret.write_text("hunter2", encoding="utf-8")
    secret.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    loaded = config.load(write(tmp_path, with_imap("{file: imap.pw}")))
    assert loaded.mail.imap is not None
    assert loaded.mail.imap.password is not None
    assert loaded.mail.imap.password.resolve() == "hunter2"


def test_a_missing_or_empty_secret_file_says_so(tmp_path: Path) -> None:
    """A secret file may be missing while loading; at the connection that is an error with its path."""
    loaded = config.load(write(tmp_path, with_imap("{file: imap.pw}")))
    assert loaded.mail.imap is not None
    assert loaded.mail.imap.password is not None
    with pytest.raises(ConfigError, match=r"imap\.pw: the file that should hold a secret is not there"):
        loaded.mail.imap.password.resolve()
    (tmp_path / "imap.pw").touch(mode=0o600)
    with pytest.raises(ConfigError, match=r"imap\.pw: the file that should hold a secret is empty"):
        loaded.mail.imap.password.resolve()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.8.8.8", "::1"])
def test_a_server_on_this_machine_may_do_without_tls(tmp_path: Path, host: str) -> None:
    """security: none is taken for every loopback address."""
    text = with_imap("{env: X}").replace("host: 127.0.0.1", f"host: '{host}'")
    loaded = config.load(write(tmp_path, text))
    assert loaded.mail.imap is not None
    assert loaded.mail.imap.password is not None
    assert loaded.mail.imap.security == "none"


@pytest.mark.parametrize("host", ["mail.example.com", "192.168.1.2", "0.0.0.0", "localhost.example.com"])
def test_a_server_elsewhere_needs_tls(tmp_path: Path, host: str) -> None:
    """security: none is refused for every other host, for imap and smtp alike."""
    text = with_imap("{env: X}").replace("127.0.0.1", host).replace("localhost", host)
    assert [line.split(": ")[1] for line in problems_of(tmp_path, text)] == [
        "mail.imap.security",
        "mail.smtp.security",
    ]


def test_smtp_by_server_needs_a_mailbox(tmp_path: Path) -> None:
    """With a sending server but no imap, replies could never come in: refused."""
    text = "mail: {address: b@example.test, name: B, smtp: {host: localhost}}"
    assert "mail.imap is needed too" in problems_of(tmp_path, text)[0]


def test_smtp_user_and_password_go_together(tmp_path: Path) -> None:
    """One of the two alone is a fault at the place of the pair."""
    text = with_imap("{env: X}")
    only_user = text.replace("port: 1025", "port: 1025, user: a")
    only_password = text.replace("port: 1025", "port: 1025, password: {env: X}")
    assert "give both or none" in problems_of(tmp_path, only_user)[0]
    assert "give both or none" in problems_of(tmp_path, only_password)[0]


def test_a_folder_and_a_server_do_not_mix(tmp_path: Path) -> None:
    """Keys of a server beside `folder` are refused with the reason."""
    said = problems_of(tmp_path, ON_FILES.replace("folder: sent", "folder: sent, port: 25"))
    assert said == ["4:24: mail.smtp.port: this key does not go together with the others here"]


@pytest.mark.parametrize("url", ["postgresql://localhost/x", "sqlite://", "sqlite:///", "billings.db"])
def test_only_a_sqlite_file_is_taken(tmp_path: Path, url: str) -> None:
    """Another database, or one without a file, is refused."""
    assert "only SQLite is taken" in problems_of(tmp_path, ON_FILES + f"store: {{url: '{url}'}}\n")[0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("on", "on"),
        ("1e3", "1e3"),
        ("0123", "0123"),
        ("1:30", "1:30"),
        ("2024-01-01", "2024-01-01"),
    ],
)
def test_text_that_yaml_would_turn_into_something_else_stays_text(
    tmp_path: Path, written: str, value: str
) -> None:
    """YAML's old guesses (NO is false, 0123 is octal, 1:30 is 90) are not made."""
    loaded = config.load(write(tmp_path, ON_FILES.replace("Example Builders", written)))
    assert loaded.mail.name == value


def test_the_config_file_is_found_by_argument_then_variable_then_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An argument wins over $BILLINGS_CONFIG, and that over ./billings.yaml; the answer is absolute."""
    monkeypatch.chdir(tmp_path)
    assert config.find() == tmp_path / "billings.yaml"
    monkeypatch.setenv("BILLINGS_CONFIG", "env.yaml")
    assert config.find() == tmp_path / "env.yaml"
    assert config.find(Path("x/arg.yaml")) == tmp_path / "x" / "arg.yaml"


def test_a_config_cannot_be_changed(tmp_path: Path) -> None:
    """A loaded configuration is frozen all the way down."""
    loaded = config.load(write(tmp_path, ON_FILES))
    with pytest.raises(ValueError, match="frozen"):
        loaded.daemon.__setattr__("tick_seconds", 1)


def test_the_example_is_generated_and_loads(tmp_path: Path) -> None:
    """config/billings.example.yaml is what the models give, and it is a valid configuration as it stands."""
    checked_in = (ROOT / "config" / "billings.example.yaml").read_text(encoding="utf-8")
    assert checked_in == example_yaml()
    assert isinstance(config.load(write(tmp_path, checked_in)).mail.smtp, SmtpServer)


def test_the_example_loads_with_every_optional_key(tmp_path: Path) -> None:
    """Without its #s (but for the other kind of smtp, and OAuth instead of passwords) the example is valid too."""
    passwords = re.sub(r"  # instead of passwords.*?\n\n", "", example_yaml(), flags=re.DOTALL)
    live = passwords.split("  # or instead:")[0] + passwords.split("  #  folder: sent\n")[1]
    lines = [
        line.replace("#", "", 1) if line.lstrip()[:2] not in ("# ", "#") else line
        for line in live.splitlines()
    ]
    loaded = config.load(write(tmp_path, "\n".join(lines)))
    assert loaded.mail.authserv_id == "mx.example.com"
    assert isinstance(loaded.mail.smtp, SmtpServer)
    assert loaded.mail.smtp.user == "billing@example.com"


def test_the_key_table_of_the_docs_is_generated() -> None:
    """docs/configuration.md holds the table that the models give."""
    assert key_table() in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def test_every_key_is_explained() -> None:
    """No key is without a description, in a sentence's words and not only its name."""
    assert [
        key for key, field in all_keys(Config) if not field.description or " " not in field.description
    ] == []


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever a file says, reading gives values or problems and never another exception."""
    places = read_places(text)
    assert places.problems or isinstance(places.values, dict)


@given(st.text(alphabet="ab: {}[]&*\n-'\"#!|>0.~?,%", max_size=60))
def test_no_yaml_breaks_loading(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Text that is almost YAML loads or is refused with a line for each fault."""
    file = tmp_path_factory.getbasetemp() / "almost.yaml"
    file.write_text(text, encoding="utf-8")
    with contextlib.suppress(ConfigError):
        config.load(file)
