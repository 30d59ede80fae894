"""What a person reads who types a command before there is anything to show."""

from __future__ import annotations

from pathlib import Path

import pytest

from batch.cli import main

CONFIG = """\
mail:
  address: billing@example.com
  name: Example Builders, Billing
  smtp: {folder: sent}
"""


def said(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command prints in a data folder where nothing has happened."""
    config = folder / "billings.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["--config", str(config), *words])
    assert end.value.code in (0, None)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("status",), "Nobody has been invited yet"),
        (("status",), "Mail in: none"),
        (("erp", "list"), "There is no batch yet."),
        (("verify",), "Everything ties."),
        (("--version",), "0."),
    ],
)
def test_an_empty_data_folder_is_told_in_words(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    told: str,
) -> None:
    """Each command says in words that there is nothing, instead of nothing at all."""
    monkeypatch.setenv("BILLINGS_CONFIG", "")
    assert told in said(tmp_path, capsys, *words)
