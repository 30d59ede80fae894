"""Write inbox_samples: `python -m tests.formats.mail.make_samples` from the repository's root.

Each sample is written once (mode x): a sample that is there records what was decided, and stays.
`_sent/invite.eml` is the mail of ours that the samples answer; made once from the templates of that day.
"""

from pathlib import Path

import yaml

from tests.formats.mail import samples_broken, samples_files, samples_issue_2, samples_robots, samples_words
from tests.formats.mail.sample_replies import INVITE, SAMPLES


def write() -> None:
    """Write every sample that is not there yet."""
    _write(SAMPLES / "_sent" / "invite.eml", INVITE)
    for module in (samples_files, samples_words, samples_robots, samples_broken, samples_issue_2):
        for name, (raw, expected) in module.CASES.items():
            text = yaml.safe_dump(expected, allow_unicode=True, sort_keys=False)
            _write(SAMPLES / name / "reply.eml", raw)
            _write(SAMPLES / name / "expected.yaml", text.encode("utf-8"))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with path.open("xb") as file:
            file.write(data)


if __name__ == "__main__":
    write()
