"""Why is a row of a file not imported? `column` names what is to be corrected."""

from typing import Any

from kit.errors import Refusal


class ColumnRefusal(Refusal):
    """A refusal of a row for what stands in one column."""

    def __init__(self, column: str, **facts: object) -> None:
        super().__init__(column=column, **facts)
        self.column = column


class RowInvalid(ColumnRefusal):
    """Facts: `column`, and the reason in both languages."""

    code = "ROW_INVALID"
    zh = "列 {column}：{reason_zh}。"
    en = "Column {column}: {reason_en}."

    def __init__(self, column: str, reason_en: str, reason_zh: str) -> None:
        super().__init__(column, reason_en=reason_en, reason_zh=reason_zh)


class ImportConflict(ColumnRefusal):
    """Facts: `column`, and the reason in both languages."""

    code = "IMPORT_CONFLICT"
    zh = "列 {column} 与已有数据冲突：{reason_zh}。"
    en = "Column {column} is in conflict with what is known: {reason_en}."

    def __init__(self, column: str, reason_en: str, reason_zh: str) -> None:
        super().__init__(column, reason_en=reason_en, reason_zh=reason_zh)


class ImportedContactTaken(ColumnRefusal):
    """Fact: `column`, email or phone."""

    code = "IMPORTED_CONTACT_TAKEN"
    zh = "列 {column}：该联系方式属于另一位会员。"
    en = "Column {column}: another member has this contact."


class ImportedCodeTaken(ColumnRefusal):
    """Facts: `column`, and the coupon's code."""

    code = "IMPORTED_CODE_TAKEN"
    zh = "列 {column}：券码 {coupon_code} 已被使用。"
    en = "Column {column}: the code {coupon_code} is another coupon's."

    def __init__(self, coupon_code: str) -> None:
        super().__init__("coupon_code", coupon_code=coupon_code)


_KEPT: tuple[type[ColumnRefusal], ...] = (
    RowInvalid,
    ImportConflict,
    ImportedContactTaken,
    ImportedCodeTaken,
)


def revived(code: str, facts: dict[str, Any]) -> ColumnRefusal:
    """A refusal of a row as it was before it was kept."""
    kind = next(kind for kind in _KEPT if kind.code == code)
    refusal = kind.__new__(kind)
    ColumnRefusal.__init__(refusal, **facts)
    return refusal


class ColumnsInvalid(Refusal):
    """The file's first line can't be read as column names; nothing of the file was looked at."""

    code = "COLUMNS_INVALID"
    zh = "文件列名有误：{reason_zh}。"
    en = "The file's columns: {reason_en}."

    def __init__(self, reason_en: str, reason_zh: str) -> None:
        super().__init__(reason_en=reason_en, reason_zh=reason_zh)
