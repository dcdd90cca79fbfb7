"""Rules of the code base, such as a named test for each rule of the product and one writer of the table."""

import ast
import re
from pathlib import Path

from chalicelib.domain.model import errors
from chalicelib.domain.model.errors import Refusal
from chalicelib.handlers.http.responses.problems import PROBLEMS
from chalicelib.version import VERSION

ROOT = Path(__file__).parents[1]
BUILT = range(1, 48)


def modules(*folders: str) -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text() for folder in folders for path in (ROOT / folder).rglob("*.py")
    }


def test_every_built_rule_has_a_test_with_its_number() -> None:
    text = "\n".join(modules("tests").values())
    named = {int(number) for number in re.findall(r"def test_\w*?r(\d+)_", text)}
    assert [rule for rule in BUILT if rule not in named] == []


def test_every_rule_named_in_the_code_is_in_the_docs() -> None:
    written = set(re.findall(r"^- \*\*(R\d+)\*\*", (ROOT / "docs/rules.md").read_text(), re.MULTILINE))
    named = set(re.findall(r"\bR\d+\b", "\n".join(modules("chalicelib").values())))
    assert named - written == set()


def test_every_test_and_document_that_the_threat_model_names_exists() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    named = {Path(name) for name in re.findall(r"`((?:tests|docs|chalicelib|web)/[\w/.]+)`", text)}
    benches = {Path("bench", f"{name}.py") for name in re.findall(r"`(?:python -m )?bench\.(\w+)`", text)}
    assert named
    assert benches
    assert [str(path) for path in sorted(named | benches) if not (ROOT / path).exists()] == []


def test_every_module_of_the_app_has_a_test_module_of_its_name() -> None:
    layers = ("domain", "services", "storage", "handlers")
    paths = [Path(name) for name in modules(*(f"chalicelib/{layer}" for layer in layers))]
    mirrored = [Path("tests", *path.parts[1:-1], f"test_{path.name}") for path in paths if path.name != "__init__.py"]
    assert mirrored
    assert [str(path) for path in mirrored if not (ROOT / path).exists()] == []


def test_every_refusal_has_one_status() -> None:
    refusals = {refusal.code for refusal in Refusal.__subclasses__() if refusal.__module__ == errors.__name__}
    assert refusals | {"internal_error"} == set(PROBLEMS)


def test_only_app_py_reads_the_environment() -> None:
    readers = {name for name, text in modules("chalicelib").items() if "environ" in text.replace("environment", "")}
    assert readers == set()
    assert "os.environ" in (ROOT / "app.py").read_text()


def test_no_use_case_reads_a_system_clock_or_a_global_random_generator() -> None:
    calls = {"now", "today", "utcnow", "time", "monotonic", "random", "randint", "choice", "uuid4"}
    for name, text in modules("chalicelib/domain", "chalicelib/services", "chalicelib/storage").items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in calls:
                assert node.value.id not in {"datetime", "date", "time", "random", "uuid"}, f"{name}:{node.lineno}"


def test_only_the_transactions_module_and_updates_of_single_items_write_to_the_table() -> None:
    writing = re.compile(r"\.(save|update|delete|batch_write|put_item|update_item|delete_item|transact_write_items)\(")
    found = {name for name, text in modules("chalicelib/storage").items() if writing.search(text)}
    assert found == {
        f"chalicelib/storage/{name}.py" for name in ("document_writes", "transactions", "updates", "writes")
    }
    importing = re.compile(r"from chalicelib\.storage\.writes import")
    assert {name for name, text in modules("chalicelib").items() if importing.search(text)} == {
        "chalicelib/storage/document_writes.py",
        "chalicelib/storage/transactions.py",
    }


def test_only_the_audit_and_the_search_of_staff_scan_the_table() -> None:
    scanning = re.compile(r"\bscan\(|\braw_reads\.page\b")
    found = {name: scanning.findall(text) for name, text in modules("chalicelib").items() if scanning.search(text)}
    assert found == {
        "chalicelib/storage/raw_reads.py": ["scan("],
        "chalicelib/services/audit.py": ["raw_reads.page"],
        # A page of a search by name, bounded by its cost.
        "chalicelib/storage/staff_reads.py": ["scan("],
    }


def test_the_version_of_the_release_is_that_of_the_project_and_the_changelog() -> None:
    project = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    newest = re.search(r"^## (\S+) - ", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert project
    assert newest
    assert {VERSION, project[1], newest[1]} == {VERSION}


def test_app_py_has_no_branches() -> None:
    tree = ast.parse((ROOT / "app.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.For | ast.While | ast.Try | ast.IfExp)]
