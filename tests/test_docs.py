"""What a user can type, meet or set is in the documentation, and what the documentation says is there."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from batch.config import Config
from batch.config_example import all_keys
from batch.core import states
from batch.core.findings import CODES
from batch.core.states import TABLES
from batch.formats.terms import capital
from tests import pages

ROOT = Path(__file__).parent.parent
BATCH = ROOT / "batch"
FOR_USERS = sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))
PAGES = ["README.md", "CHANGELOG.md", "batch/docs.md", *FOR_USERS]

LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([^)]*))?\)")
#: A line in a code block, and words between backticks, that are to be typed.
TYPED = re.compile(r"^ {4,7}(?:\./run|billings) (.+)$|`(?:\./run|billings) ([^`\n]+)`", re.MULTILINE)
#: Words of `run` itself.
OF_RUN = {"test", "sweep", "prove"}
#: What may stand with every command.
EVERYWHERE = {"--help", "--config", "--version"}
#: A file of the package, as `batch/docs.md` writes it: from the package's folder, or from the top.
FILE = re.compile(r"`((?:[\w*<>-]+/)*[\w*<>-]+(?:\.py|\.yaml|\.md|\.xlsx|/))`")
#: Parts of file names that stand for any of a kind.
MADE = {"<kind>", "issue-<n>", "expected.yaml"}

KEY = re.compile(r"`((?:store|mail|daemon|limits|notices)\.[a-z_.]+)`")
#: File names that look like a key.
NO_KEYS = {"mail.password", "daemon.lock", "daemon.py"}
CODE = re.compile(r"[a-z]+(?:-[a-z]+)*")


def text_of(page: str) -> str:
    """A page, as text."""
    return (ROOT / page).read_text(encoding="utf-8")


def documentation() -> str:
    """All pages for users, as one text."""
    return "\n".join(map(text_of, FOR_USERS))


def unmentioned(names: list[str]) -> list[str]:
    """The names that stand nowhere in docs/ between backticks."""
    quoted = set(re.findall(r"`([^`\n]+)`", documentation()))
    return [name for name in names if name not in quoted]


def section(page: str, heading: str) -> str:
    """What stands below a heading of a page, up to the next one of its level."""
    return text_of(page).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def codes_in_first_column(text: str) -> list[str]:
    """The codes between backticks in the first column of every table row."""
    rows = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    return [code for row in rows for code in re.findall(r"`([a-z-]+)`", row)]


@pytest.mark.parametrize(("page", "word"), list(pages.PARTS))
def test_what_is_written_from_the_code_is_up_to_date(page: str, word: str) -> None:
    """Each generated part is what the code gives now. If not: python -m tests.pages."""
    assert pages.part(text_of(page), word) == pages.PARTS[page, word]()


def test_writing_a_part_leaves_the_rest_of_its_page() -> None:
    """Only what stands between the two marks changes."""
    text = "before\n<!-- x: begin -->\nold\n<!-- x: end -->\nafter\n"
    assert pages.with_part(text, "x", "new") == text.replace("old", "new")
    assert pages.part(text, "x") == "old"


def test_every_command_is_documented() -> None:
    """Each command has its heading on the page of commands, and each of its options says what it is."""
    described = re.findall(r"^### `(billings [^`]+)`$", text_of("docs/commands.md"), re.MULTILINE)
    assert described == [name for name, _command in pages.commands()]
    silent = [
        f"{name} {parameter.name}"
        for name, command in pages.commands()
        for parameter in command.params
        if not parameter.help
    ]
    assert silent == []


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_to_type_can_be_typed(page: str) -> None:
    """Every typed line names a command and options that are there, and a line of its own has all that is needed."""
    known = dict(pages.commands())
    faults = [fault for line, alone in typed_in(text_of(page)) for fault in faults_of(line, known, alone)]
    assert faults == []


def typed_in(text: str) -> Iterator[tuple[str, bool]]:
    """What a page says to type, without `billings`; and whether it stands on a line of its own."""
    for alone, inline in TYPED.findall(text):
        yield alone or inline, bool(alone)


def faults_of(line: str, known: dict[str, Any], alone: bool) -> Iterator[str]:
    """What is wrong with a typed line."""
    words = shlex.split(line.replace("...", ""))
    if words[:1] == ["--config"]:
        words = words[2:]
    if not words or words[0] in (*OF_RUN, *EVERYWHERE, "COMMAND"):
        return
    command = next((known[name] for name in _names(words) if name in known), None)
    if command is None:
        if alone or not any(f"{name} ".startswith(f"billings {words[0]} ") for name in known):
            yield f"{line}: there is no such command"
        return
    rest = words[len(str(command.name).split()) + (_names(words)[0] in known) :]
    options = {option for parameter in command.params for option in parameter.opts} | EVERYWHERE
    yield from (f"{line}: no option {word}" for word in rest if word.startswith("--") and word not in options)
    needed = [one for one in command.params if one.required and not one.opts[0].startswith("-")]
    if alone and len(_positional(rest, command)) < len(needed):
        yield f"{line}: needs {', '.join(one.name for one in needed)}"


def _names(words: list[str]) -> list[str]:
    """The names of commands that a line may begin with, the longer one first."""
    return ["billings " + " ".join(words[:count]) for count in (2, 1) if len(words) >= count]


def _positional(words: list[str], command: Any) -> list[str]:
    """The words that are neither options nor their values."""
    flags = {option for one in command.params if getattr(one, "is_flag", False) for option in one.opts}
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("--"):
            skip = word not in flags
        else:
            kept.append(word)
    return kept


@pytest.mark.parametrize(
    ("line", "alone", "is_well"),
    [
        ("review export 26-014 3", True, True),
        ("review export", True, False),
        ("review export", False, True),
        ("review", False, True),
        ("reviews", False, False),
        ("show SC-1/1 --jsn", False, False),
        ("decide SC-1/1 reject --reason 'Not yet.' --by a@b.example", True, True),
        ("decide SC-1/1 --reason reject", True, False),
        ("--config x/billings.yaml status", True, True),
        ("register frobnicate x.xlsx", True, False),
        ("test -k retainage", True, True),
    ],
)
def test_a_wrong_line_is_found(line: str, alone: bool, is_well: bool) -> None:
    """A command or option that is not there, and a missing argument, are told from what is right."""
    assert (list(faults_of(line, dict(pages.commands()), alone)) == []) is is_well


def test_every_config_key_is_documented() -> None:
    """Each key stands in docs/ with its dotted name."""
    assert unmentioned([key for key, _ in all_keys(Config)]) == []


def test_no_page_names_a_key_that_is_not_there() -> None:
    """A dotted name between backticks is a key of the configuration."""
    keys = {key for key, _ in all_keys(Config)} | NO_KEYS
    assert [key for page in PAGES for key in KEY.findall(text_of(page)) if key not in keys] == []


def test_every_finding_code_is_in_one_group_of_the_catalogue() -> None:
    """The catalogue has each code once, and no code that is not there."""
    grouped = [code for codes in pages.GROUPS.values() for code in codes]
    assert sorted(grouped) == sorted(CODES)


def test_every_finding_code_is_used() -> None:
    """No code is explained that nothing reports."""
    sources = {
        file: file.read_text(encoding="utf-8")
        for file in BATCH.rglob("*.py")
        if file.name not in ("findings.py", "findings_text.py", "words.py")
    }
    assert [code for code in CODES if not any(f'"{code}"' in text for text in sources.values())] == []


def test_the_catalogue_says_who_acts() -> None:
    """Where a rule names code and severity together, the catalogue says the same of who has to act."""
    may = {
        pages.SENDER: {"RETURN"},
        pages.ADMIN: {"HOLD"},
        pages.NOBODY: {"NOTE"},
        pages.SENDER_OR_ADMIN: {"RETURN", "HOLD"},
    }
    found = [each for file in BATCH.rglob("*.py") for each in severities_in(file.read_text(encoding="utf-8"))]
    assert [(code, severity) for code, severity in found if severity not in may[pages.acts(code)]] == []
    assert len({code for code, _severity in found}) > 20


def severities_in(source: str) -> Iterator[tuple[str, str]]:
    """Each finding code and severity that stand in one call: `finding("late", Severity.NOTE)`."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        codes = [one.value for one in given if isinstance(one, ast.Constant) and one.value in CODES]
        for part in (inner for one in given for inner in ast.walk(one)):
            if isinstance(part, ast.Attribute) and getattr(part.value, "id", "") == "Severity":
                yield from ((str(code), part.attr) for code in codes)


def test_review_codes_are_finding_codes() -> None:
    """The page on reviewing lists no code that is not there."""
    listed = codes_in_first_column(section("docs/review.md", "What can be reported"))
    assert [code for code in listed if code not in CODES] == []
    assert set(pages.GROUPS["Review workbooks"]) <= set(listed)


def test_every_reason_to_refuse_a_bill_or_batch_is_documented() -> None:
    """The page on accounting lists exactly the codes that the emitters give."""
    listed = codes_in_first_column(section("docs/erp.md", "Why a bill or a batch is refused"))
    given = {
        code
        for file in (BATCH / "formats" / "erp").glob("*.py")
        for code in problems_in(file.read_text(encoding="utf-8"))
    }
    assert sorted(listed) == sorted(given)


def problems_in(source: str) -> Iterator[str]:
    """The codes that stand in calls such as `fault(bill, "dates", ...)`, `BatchProblem(code="batch-empty")`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
            "fault",
            "_problem",
            "BatchProblem",
        }:
            named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
            for one in [*node.args[:2], *named]:
                if isinstance(one, ast.Constant) and CODE.fullmatch(str(one.value)):
                    yield str(one.value)


@pytest.mark.parametrize("cycle", list(TABLES))
def test_every_state_is_documented_with_the_name_people_see(cycle: str) -> None:
    """The section of a life cycle has a row for each of its states, and no other."""
    heading = capital(cycle)
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| ([^|]+) \| \S[^|]+ \|$", section("docs/states.md", heading), re.MULTILINE
    )
    assert sorted(rows) == sorted((state.name, pages.shown(state)) for state in TABLES[cycle])


def test_every_life_cycle_has_all_states_of_its_kind() -> None:
    """No state is defined without being in a table, where it would be drawn and explained."""
    defined = [kind for kind in vars(states).values() if isinstance(kind, type) and issubclass(kind, StrEnum)]
    own = [kind for kind in defined if kind.__module__ == states.__name__]
    assert {type(next(iter(table))) for table in TABLES.values()} == set(own)
    assert sorted(map(len, own)) == sorted(map(len, TABLES.values()))


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    """A link to a file of ours names one that is there, and a link into a page a heading of it."""
    broken = []
    for target, anchor in LINK.findall(text_of(page)):
        file = (ROOT / page).parent / target if target else ROOT / page
        if "://" in target or (file.exists() and (not anchor or anchor in anchors(file))):
            continue
        broken.append(f"{target}#{anchor}")
    assert broken == []


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_every_page_is_in_the_list_of_pages() -> None:
    """docs/README.md links to every page beside it."""
    linked = {target for target, _anchor in LINK.findall(text_of("docs/README.md"))}
    assert {page.removeprefix("docs/") for page in FOR_USERS} - {"README.md"} <= linked


def test_the_map_names_files_that_are_there() -> None:
    """Each file and folder that batch/docs.md names is in the package or at the top."""
    named = [name for name in FILE.findall(text_of("batch/docs.md")) if not any(m in name for m in MADE)]
    assert len(named) > 30
    assert [name for name in named if not any(any(at.glob(name.rstrip("/"))) for at in (BATCH, ROOT))] == []
