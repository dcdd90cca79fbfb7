"""`python -m infra.language [--since REF] [PATH ...]` checks the language of files and of commit subjects.

Without paths it checks the whole repository and the branch's commits since `origin/main`.
It exits with 1 where a rule is broken.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping

from infra.language.commits import UPSTREAM, subject_findings, subjects_since
from infra.language.docstrings import docstring_findings
from infra.language.lengths import length_findings
from infra.language.names import class_findings, module_findings
from infra.language.report import count, lines
from infra.language.source import ROOT, Finding, Source, sources
from infra.language.vocabulary import Occurrence, Vocabulary
from infra.language.word_list import BANNED, RULES

VOCABULARY = Vocabulary(BANNED)


def file_findings(checked: Mapping[Source, list[Occurrence]]) -> Iterator[Finding]:
    """Return the findings of the files, class names compared with the whole repository."""
    for source, occurrences in checked.items():
        for occurrence in occurrences:
            yield Finding(source.at(occurrence.line), occurrence.found, f"say {occurrence.hint}")
        if source.is_python:
            yield from docstring_findings(source)
            yield from module_findings(source, RULES["names"]["nouns"])
            yield from length_findings(source)
    paths = {source.path: source for source in checked}
    everything = (paths.get(source.path, source) for source in sources() if source.is_python)
    for finding in class_findings(everything, RULES["shared_class_names"]):
        if finding.where.split(":")[0] in paths:
            yield finding


def main() -> int:
    """Print the findings and the counts."""
    parser = argparse.ArgumentParser(prog="python -m infra.language", description="Check the language of the project.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders; none means the whole repository")
    parser.add_argument("--since", metavar="REF", help="also check the subjects of the commits since REF")
    options = parser.parse_args()
    checked = {source: VOCABULARY.occurrences(source.text) for source in sources(options.paths or [ROOT])}
    since = options.since or (None if options.paths else UPSTREAM)
    findings = list(file_findings(checked))
    for commit, subject in subjects_since(since) if since else ():
        findings.extend(subject_findings(commit, subject, VOCABULARY))
    for finding in findings:
        print(f"{finding.where}: {finding.word}: {finding.hint}")
    print()
    print(*lines(count(checked)), sep="\n")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
