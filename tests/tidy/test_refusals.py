"""Does every refusal have a code, both languages and a page?"""

import importlib
from string import Formatter

from kit.errors import Refusal
from tests.tidy import sources

PAGES = sources.ROOT / "docs" / "refusals"


def test_every_code_belongs_to_one_refusal():
    codes = [refusal.code for refusal in _refusals()]
    assert sorted(codes) == sorted(set(codes))


def test_every_refusal_speaks_chinese_and_english_about_the_same_facts():
    breaches = [
        refusal.__name__
        for refusal in _refusals()
        if not _is_chinese(refusal.zh)
        or not refusal.en
        or _is_chinese(refusal.en)
        or _fact_names(refusal.zh) != _fact_names(refusal.en)
    ]
    assert breaches == []


def test_every_refusal_has_a_page_headed_by_its_code():
    missing = [
        refusal.code
        for refusal in _refusals()
        if not (page := PAGES / f"{refusal.code}.md").is_file()
        or not page.read_text(encoding="utf-8").startswith(f"# {refusal.code}\n")
    ]
    assert missing == []


def test_every_page_is_about_a_refusal():
    codes = {refusal.code for refusal in _refusals()}
    assert {page.stem for page in PAGES.glob("*.md") if page.stem != "README"} - codes == set()


def _refusals() -> list[type[Refusal]]:
    """Every refusal with a code, after all modules that may define one are imported."""
    for path in sources.python_files(*sources.PACKAGES):
        if path.stem == "errors":
            importlib.import_module(sources.name(path).removesuffix(".py").replace("/", "."))
    found: list[type[Refusal]] = []
    waiting = [Refusal]
    while waiting:
        waiting.extend(subclasses := waiting.pop().__subclasses__())
        found.extend(one for one in subclasses if "code" in vars(one) and _is_ours(one))
    return found


def _is_ours(refusal: type[Refusal]) -> bool:
    return refusal.__module__.split(".")[0] in sources.PACKAGES


def _fact_names(template: str) -> set[str]:
    """A fact that is words itself has a form per language: reason_zh, reason_en."""
    names = {field for _, field, _, _ in Formatter().parse(template) if field}
    return {name.removesuffix("_zh").removesuffix("_en") for name in names}


def _is_chinese(words: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in words)
