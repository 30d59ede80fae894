"""Stored materials that are filled in as work of this period: what a blank cell means on such a line."""

from __future__ import annotations

from collections.abc import Mapping

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet


def let_blank_mean_moved(sheet: Worksheet, row: int, columns: Mapping[str, int], moves: str) -> None:
    """Change the formulas of a line so that they read its yellow cells as we do: work left blank is `moves`, stored
    materials left blank are none, and `moves` left as it was does not argue with a percentage.
    """
    at = {key: f"{get_column_letter(column)}{row}" for key, column in columns.items()}
    work, stored = at["work_this_period"], at["materials_stored"]
    changes = {
        f'IF({stored}="",{at["stored_previous"]},{stored})': f'IF({stored}="",0,{stored})',
        f"ROUND({at['work_billed']}-{work},2)<>0": f"IF({work}={moves},FALSE,ROUND({at['work_billed']}-{work},2)<>0)",
        f",ROUND({work},2),": f',IF({work}="",{moves},ROUND({work},2)),',
    }
    for column in columns.values():
        cell = sheet.cell(row=row, column=column)
        if cell.data_type == "f":
            for old, new in changes.items():
                cell.value = str(cell.value).replace(old, new)
