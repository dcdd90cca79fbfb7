"""The counts of the lint, by folder and by word."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infra.language.sentences import SentenceLength, sentence_lengths
from infra.language.source import Source
from infra.language.vocabulary import Occurrence, word_count

PER = 100_000


class WordCount:
    """Words, banned words and sentence lengths of one folder, or of all folders."""

    def __init__(self) -> None:
        self.words = 0
        self.banned: Counter[str] = Counter()
        self.sentences = 0
        self.sentence_words = 0
        self.longest = SentenceLength(0, "")

    def rate(self, count: int) -> float:
        """Return a count per 100,000 words."""
        return count * PER / max(self.words, 1)

    @property
    def average(self) -> float:
        """The mean number of words in a sentence."""
        return self.sentence_words / max(self.sentences, 1)


class WordCounts(NamedTuple):
    """The counts of each folder, and of all folders together."""

    areas: dict[str, WordCount]
    total: WordCount


def count(occurrences: Mapping[Source, list[Occurrence]]) -> WordCounts:
    """Count the words, banned words and sentences of files, given the banned phrases of each file."""
    areas: defaultdict[str, WordCount] = defaultdict(WordCount)
    total = WordCount()
    for source, found in occurrences.items():
        words = word_count(source.text)
        phrases = Counter(occurrence.phrase for occurrence in found)
        lengths = list(sentence_lengths(source))
        for counted in areas[source.area], total:
            counted.words += words
            counted.banned += phrases
            counted.sentences += len(lengths)
            counted.sentence_words += sum(length.words for length in lengths)
            counted.longest = max([counted.longest, *lengths])
    return WordCounts(dict(areas), total)


def lines(report: WordCounts) -> Iterator[str]:
    """Return the lines of two tables, one of the folders and one of the banned words that occur."""
    head = ("folder", "words", "banned", "per 100,000", "words a sentence", "longest sentence")
    yield "{:28} {:>8} {:>7} {:>12} {:>17}  {}".format(*head)
    for area, counted in [*sorted(report.areas.items()), ("all", report.total)]:
        banned = counted.banned.total()
        longest = f"{counted.longest.words} at {counted.longest.where}" if counted.sentences else ""
        rate = counted.rate(banned)
        yield f"{area:28} {counted.words:8} {banned:7} {rate:12.1f} {counted.average:17.1f}  {longest}"
    if report.total.banned:
        yield ""
        yield f"{'word':70} {'count':>7} {'per 100,000':>12}"
        for phrase, times in report.total.banned.most_common():
            yield f"{phrase:70} {times:7} {report.total.rate(times):12.1f}"
