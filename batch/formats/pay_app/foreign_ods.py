"""An OpenDocument spreadsheet (OpenDocument 1.3, part 3): read directly, since the libraries that open one forget
which cells show a percentage, a formula or an error.
"""

from __future__ import annotations

from batch.core.returned import CellKind
from batch.formats.pay_app import xml
from batch.formats.pay_app.foreign_cells import Cells
from batch.formats.pay_app.grid import LAST_COLUMN, LAST_ROW, MOST_CELLS, Grid
from batch.formats.pay_app.package import open_archive
from batch.formats.pay_app.parts import LONGEST_TEXT, MOST_SHEETS
from batch.formats.pay_app.read import Opened
from batch.formats.pay_app.sniff import refusal

_NUMBERS = frozenset({"float", "currency", "percentage"})
_CELLS = frozenset({"table-cell", "covered-table-cell"})
#: What holds text that is not the cell's own.
_ASIDE = frozenset({"annotation", "shapes", "forms"})


def open_ods(data: bytes) -> Opened:
    """The sheets and names of an OpenDocument spreadsheet. Raises RefusedError beyond the limits and on damage."""
    package = open_archive(data)
    content = package.read("content.xml")
    if content is None:
        raise refusal("workbook-unreadable", "an archive that is not a workbook")
    if b"manifest:encryption-data" in (package.read("META-INF/manifest.xml") or b""):
        raise refusal(
            "workbook-encrypted", "a workbook locked with a password", "a workbook without a password"
        )
    reader = _Reader(_Styles())
    if (styles := package.read("styles.xml")) is not None:
        xml.parse(styles, start=reader.styles.start)
    xml.parse(content, start=reader.start, end=reader.end, text=reader.text)
    return Opened(
        grids=tuple(reader.grids),
        names=tuple(reader.names.items()),
        properties=_properties(package.read("meta.xml")),
    )


def _properties(content: bytes | None) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    name = ""

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal name
        name = attributes.get("name", "") if tag == "user-defined" else ""

    def text(data: str) -> None:
        if name:
            found[name] = (found.get(name, "") + data)[:LONGEST_TEXT]

    if content is not None:
        xml.parse(content, start=start, text=text)
    return tuple(found.items())


class _Styles:
    """Which cell styles show a percentage: gnumeric says it of the style alone, not of the value."""

    def __init__(self) -> None:
        self._percentages: set[str] = set()
        self._styles: dict[str, tuple[str, str]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name", "")
        if tag == "percentage-style":
            self._percentages.add(name)
        elif tag == "style" and attributes.get("family") == "table-cell":
            self._styles[name] = (
                attributes.get("data-style-name", ""),
                attributes.get("parent-style-name", ""),
            )

    def percent(self, name: str) -> bool:
        """Whether a cell style, or the one it is made from, shows a percentage."""
        for _turn in range(5):
            data_style, parent = self._styles.get(name, ("", ""))
            if data_style:
                return data_style in self._percentages
            name = parent
        return False


class _Reader:
    """Follows tables, rows and cells; repeated ones are counted, and copied only where they hold something."""

    def __init__(self, styles: _Styles) -> None:
        self.styles = styles
        self.grids: list[Grid] = []
        self.names: dict[str, str] = {}
        self._cells: Cells | None = None
        self._left = MOST_CELLS
        self._row = self._column = 0
        self._rows = self._columns = 1
        self._in_row: list[tuple[int, CellKind, str, str, bool]] = []
        self._about: dict[str, str] | None = None
        self._lines: list[str] = []
        self._aside = 0
        self._in_text = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.styles.start(tag, attributes)
        if tag in _ASIDE:
            self._aside += 1
        elif tag == "table" and len(self.grids) < MOST_SHEETS:
            self._cells, self._row = Cells(attributes.get("name", ""), self._left), 0
        elif tag == "named-expression":
            self.names[attributes.get("name", "")] = attributes.get("expression", "")[:LONGEST_TEXT]
        elif tag == "table-row":
            self._rows, self._column, self._in_row = _count(attributes.get("number-rows-repeated")), 0, []
        elif tag in _CELLS:
            self._columns, self._about, self._lines = (
                _count(attributes.get("number-columns-repeated")),
                attributes,
                [],
            )
        elif self._about is not None and not self._aside:
            self._inline(tag, attributes)

    def _inline(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "p":
            self._in_text += 1
            self._lines.append("")
        elif self._in_text and self._lines:
            self._lines[-1] += {
                "s": " " * min(_count(attributes.get("c")), 100),
                "tab": "\t",
                "line-break": "\n",
            }.get(tag, "")

    def text(self, data: str) -> None:
        if self._in_text and self._lines and not self._aside:
            self._lines[-1] = (self._lines[-1] + data)[:LONGEST_TEXT]

    def end(self, tag: str) -> None:
        if tag in _ASIDE:
            self._aside -= 1
        elif self._aside:
            return
        elif tag == "p" and self._in_text:
            self._in_text -= 1
        elif tag in _CELLS:
            self._end_cell()
        elif tag == "table-row":
            self._end_row()
        elif tag == "table" and self._cells is not None:
            grid = self._cells.grid()
            self.grids.append(grid)
            self._left -= len(grid.cells)
            self._cells = None

    def _end_cell(self) -> None:
        about, self._about = self._about or {}, None
        kind, text = _content(about, "\n".join(self._lines))
        if kind is not CellKind.BLANK:
            formula = about.get("formula", "")
            percent = about.get("value-type") == "percentage" or self.styles.percent(
                about.get("style-name", "")
            )
            last = min(self._column + self._columns, LAST_COLUMN)
            self._in_row += [
                (column, kind, text, formula, percent) for column in range(self._column + 1, last + 1)
            ]
        self._column += self._columns

    def _end_row(self) -> None:
        if self._in_row and self._cells is not None:
            for row in range(self._row + 1, min(self._row + self._rows, LAST_ROW) + 1):
                for column, kind, text, formula, percent in self._in_row:
                    self._cells.put(row, column, kind, text, formula=formula, percent=percent)
        self._row += self._rows


def _content(about: dict[str, str], shown: str) -> tuple[CellKind, str]:
    """A formula that failed has a value like any other and shows its error; one never calculated has none."""
    kind, calculated = about.get("value-type", ""), "formula" in about
    if calculated and shown.startswith(("#", "Err:")):
        return CellKind.ERROR, shown[:60]
    if kind in _NUMBERS:
        value = about.get("value", "").strip()
        return (CellKind.NUMBER, value) if value else (CellKind.UNCALCULATED, "")
    if kind == "boolean":
        return CellKind.BOOLEAN, "TRUE" if about.get("boolean-value") == "true" else "FALSE"
    if kind in ("date", "time"):
        return CellKind.TEXT, about.get(f"{kind}-value") or shown
    text = about.get("string-value") or shown
    if text:
        return CellKind.TEXT, text
    return (CellKind.UNCALCULATED, "") if calculated and not kind else (CellKind.BLANK, "")


def _count(text: str | None) -> int:
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
