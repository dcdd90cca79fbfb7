"""The lint of the project's language, on small inputs with a word list of its own."""

import subprocess
import sys

import pytest

from infra.language.commits import subject_findings, subjects_since
from infra.language.docstrings import docstring_findings
from infra.language.lengths import length_findings
from infra.language.names import class_findings, module_findings
from infra.language.report import count, lines
from infra.language.sentences import SentenceLength, sentence_lengths
from infra.language.source import ROOT, Finding, Source, sources
from infra.language.verb import is_imperative
from infra.language.vocabulary import Occurrence, Vocabulary

VOCABULARY = Vocabulary({"yonder": "there", "by and by": "soon", "lest ... , that": "split it"})


def found(text: str) -> list[tuple[int, str]]:
    return [(occurrence.line, occurrence.found) for occurrence in VOCABULARY.occurrences(text)]


def words(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.where, finding.word) for finding in findings]


def test_a_banned_word_is_found_with_its_line_and_the_word_to_use() -> None:
    assert VOCABULARY.occurrences("Here.\nLook Yonder.") == [Occurrence(2, "yonder", "yonder", "there")]


@pytest.mark.parametrize("text", ["test_it_lies_yonder", "LooksYonder", "looksYonder", "`yonder`", "(yonder)"])
def test_a_banned_word_is_found_in_identifiers_and_marks(text: str) -> None:
    assert found(text) == [(1, "yonder")]


@pytest.mark.parametrize("text", ["beyonder", "yonders", "by-and-by", "lest a. And b, that"])
def test_a_part_of_another_word_is_not_found(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", ["by and by", "by\nand by", "# by and\n# by", "by_and_by", '"by " \n "and by"'])
def test_a_phrase_is_found_across_lines_comments_and_underscores(text: str) -> None:
    assert found(text) == [(1, "by and by")]


def test_an_ellipsis_stands_for_words_of_one_sentence() -> None:
    assert found("Stop lest it fall, that it stand.") == [(1, "lest it fall, that")]


@pytest.mark.parametrize(
    ("docstring", "broken"),
    [
        ("Return the partner.", 0),
        ("Return `a: b`.", 0),
        ("Pass the day.\n\nA note: allowed here.", 0),
        ("Return one: the first.", 1),
        ("Return one; keep the rest.", 1),
        ("What is returned.", 1),
        ("Whether it fits: yes or no.", 2),
        ("The partner.", 1),
        ("Returns the partner.", 1),
        ("Returned partners.", 1),
        ("`partner` of a booking.", 1),
    ],
)
def test_the_first_line_of_a_functions_docstring_is_checked(docstring: str, broken: int) -> None:
    source = Source("a.py", f'def partner():\n    """{docstring}"""\n')

    assert words(list(docstring_findings(source))) == [("a.py:2", "docstring")] * broken


@pytest.mark.parametrize("head", ["class Partner:", "@property\ndef partner():", "@pytest.fixture()\ndef partner():"])
def test_a_value_is_named_by_a_noun_phrase(head: str) -> None:
    assert list(docstring_findings(Source("a.py", f'{head}\n    """The partner."""\n'))) == []


def test_a_test_may_state_a_sentence() -> None:
    assert list(docstring_findings(Source("a.py", 'def test_pairs():\n    """Members pair."""\n'))) == []


@pytest.mark.parametrize(("word", "imperative"), [("Pass", True), ("Feed", True), ("Bring", True), ("Sees", False)])
def test_an_inflected_verb_is_no_imperative(word: str, imperative: bool) -> None:
    assert is_imperative(f"{word} it on.") is imperative


def test_a_module_is_named_by_a_noun() -> None:
    paths = ["a/seeking.py", "a/exact_matching.py", "a/test_seeking.py", "seeking/__init__.py", "seeking/seed.py"]
    broken = [words(list(module_findings(Source(path, ""), {"matching", "seed"}))) for path in paths]

    assert [bool(findings) for findings in broken] == [True, False, True, True, False]


def test_a_class_name_is_defined_once_or_shared_for_a_reason() -> None:
    one = Source("one.py", "class Slot:\n    class Meta: ...\nclass Pair: ...\nif 1:\n    class Day: ...\n")
    two = Source("two.py", "class Slot: ...\nclass Pair:\n    class Meta: ...\nclass Day: ...\n")

    assert list(class_findings([one, two], {"Slot": "the public shape", "Day": "the public shape"})) == [
        Finding("one.py:3", "class name", '"Pair" is also defined at two.py:2'),
        Finding("two.py:2", "class name", '"Pair" is also defined at one.py:3'),
    ]
    assert len(list(class_findings([one, two, Source("three.py", "class Slot: ...")], {"Slot": "two of them"}))) == 7


def test_long_functions_and_modules_are_found_in_what_is_deployed() -> None:
    text = "def short():\n" + "    pass\n" * 44 + "def long():\n" + "    pass\n" * 45 + "\n" * 260

    assert words(list(length_findings(Source("chalicelib/a.py", text)))) == [
        ("chalicelib/a.py:1", "module length"),
        ("chalicelib/a.py:46", "function length"),
    ]
    assert list(length_findings(Source("infra/a.py", text))) == []


def test_sentences_of_prose_are_measured() -> None:
    markdown = "# A heading\n\nOne two three. Four\nfive.\n\n```\nno prose here\n```\n- An item of five words.\n"
    python = '"""One fact."""\n\n# A comment\n# of five words.\nx = 1\n'

    assert list(sentence_lengths(Source("a.md", markdown))) == [
        SentenceLength(3, "a.md:3"),
        SentenceLength(2, "a.md:3"),
        SentenceLength(5, "a.md:9"),
    ]
    assert list(sentence_lengths(Source("a.py", python))) == [SentenceLength(2, "a.py:1"), SentenceLength(5, "a.py:3")]


def test_counts_are_reported_by_folder_and_by_word() -> None:
    texts = {"docs/a.md": "Look yonder, far yonder.", "docs/adr/b.md": "Two words."}
    checked = {Source(path, text): VOCABULARY.occurrences(text) for path, text in texts.items()}

    rows = [line.split() for line in lines(count(checked)) if line]

    assert rows[1:] == [
        ["docs", "4", "2", "50000.0", "4.0", "4", "at", "docs/a.md:1"],
        ["docs/adr", "2", "0", "0.0", "2.0", "2", "at", "docs/adr/b.md:1"],
        ["all", "6", "2", "33333.3", "3.0", "4", "at", "docs/a.md:1"],
        ["word", "count", "per", "100,000"],
        ["yonder", "2", "33333.3"],
    ]


@pytest.mark.parametrize(
    ("subject", "broken"),
    [
        ("Return the partner of a booking", []),
        ("Return the partner.", ["subject"]),
        ("Returns the partner", ["subject"]),
        ("Look yonder", ["yonder"]),
        ("Return " + "x" * 66, ["subject"]),
    ],
)
def test_a_commit_subject_is_checked(subject: str, broken: list[str]) -> None:
    assert [finding.word for finding in subject_findings("1a2b3c4", subject, VOCABULARY)] == broken


def test_a_clone_without_the_ref_has_no_subjects_to_check() -> None:
    assert list(subjects_since("no-such-ref")) == []


def test_text_files_are_found_once_and_without_the_word_list() -> None:
    paths = [source.path for source in sources([ROOT / "infra/language", ROOT / "infra/language/verb.py"])]

    assert paths == sorted(set(paths))
    assert "infra/language/verb.py" in paths
    assert "infra/language/words.toml" not in paths


@pytest.mark.long  # Reads all of the project, as `make lint` does.
def test_the_command_prints_findings_and_counts_and_exits_with_0_where_there_are_none() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "infra.language", "infra/language"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-1].split()[:4:2] == ["all", "0"]
