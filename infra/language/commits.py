"""The subjects of the branch's commits."""

import subprocess
from collections.abc import Iterator

from infra.language.source import ROOT, Finding
from infra.language.verb import is_imperative
from infra.language.vocabulary import Vocabulary

SUBJECT_LENGTH = 72
UPSTREAM = "origin/main"


def subjects_since(ref: str) -> Iterator[tuple[str, str]]:
    """Return the short hash and the subject of each commit that `ref` does not have, merges left out.

    A clone without that ref has nothing to check.
    """
    command = ["git", "log", "--no-merges", "--format=%h %s", f"{ref}..HEAD"]
    log = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for line in log.splitlines():
        commit, _, subject = line.partition(" ")
        yield commit, subject


def subject_findings(commit: str, subject: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Return a finding for each rule that a commit's subject breaks."""
    where = f"commit {commit}"
    if len(subject) > SUBJECT_LENGTH:
        yield Finding(where, "subject", f"{len(subject)} characters, at most {SUBJECT_LENGTH}")
    if subject.endswith("."):
        yield Finding(where, "subject", "no period at the end")
    if not is_imperative(subject):
        yield Finding(where, "subject", f'begin with an imperative verb, not "{subject.split(" ", 1)[0]}"')
    for occurrence in vocabulary.occurrences(subject):
        yield Finding(where, occurrence.found, f"say {occurrence.hint}")
