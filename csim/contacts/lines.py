"""The rows of a delimited text: where each begins, which are whole, and which are no rows of the table."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

import numpy as np

LONGEST_ROW = 1000  # lines that a quoted cell may run over
BLOCK = 200_000  # lines that are looked at together
DELIMITERS = (",", "\t", ";", "|")
QUOTE = ord('"')
Broken = tuple[int, str, str]


@dataclass(frozen=True)
class Rows:
    """
    Whole rows of a delimited text.

    Attributes:
        heads: The header's cells. data: The rows' bytes in UTF-8, each with the header's number of cells.
        begins, ends: Where each row lies in *data*. line: Its first line in the file. broken: The others.
    """

    heads: list[str]
    data: bytes
    begins: np.ndarray
    ends: np.ndarray
    line: np.ndarray
    broken: tuple[Broken, ...]

    def text(self, rows: np.ndarray) -> list[str]:
        """Rows as they are written."""
        return [self.data[self.begins[row] : self.ends[row]].decode("utf-8") for row in rows]


def delimiter_of(data: bytes, header_line: int) -> str:
    """
    The delimiter that parts the header, and most of the lines after it into as many cells.

    Examples:
        >>> delimiter_of(b"a;b;c\\n1,5;2;3\\n", 1)
        ';'
    """
    lines = data[:100_000].decode("utf-8", errors="replace").split("\n")[header_line - 1 : header_line + 50]
    head, rest = lines[0] if lines else "", [line for line in lines[1:-1] if line.strip()] or lines[1:2]

    def fit(delimiter: str) -> tuple[bool, float, int]:
        count = _cells(head, delimiter)
        same = sum(_cells(line, delimiter) == count for line in rest) / len(rest) if rest else 1.0
        return count > 1, same, count

    return max(DELIMITERS, key=fit)


def _cells(line: str, delimiter: str) -> int:
    return len(next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])) if "\0" not in line else 0


def rows_of(data: bytes, bad: dict[int, str], delimiter: str, header_line: int, *, quotes: bool) -> Rows:
    """
    The rows of *data*, of which the lines in *bad* are no text.

    A cell in quotes may run over lines. A row with another number of cells than the header, a quote that is not
    closed, a byte NUL, or the header once more is broken. Blank lines are no rows.

    Examples:
        >>> found = rows_of(b'a,b\\n1,2\\n\\n3\\n"4\\n4",5\\na,b\\n', {}, ",", 1, quotes=True)
        >>> found.text(np.arange(2)), found.line.tolist(), [(line, why) for line, why, _ in found.broken]
        (['1,2', '"4\\n4","5"'], [2, 5], [(4, 'fields'), (7, 'header')])
    """
    data = _line_feeds(data)
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.flatnonzero(signs == 10)
    if not len(signs) or signs[-1] != 10:
        ends = np.append(ends, len(signs))
    begins = np.append(0, ends[:-1] + 1)
    head_at = begins[header_line - 1 : header_line].tolist()
    header = data[head_at[0] : ends[header_line - 1]].decode("utf-8").strip("\ufeff") if head_at else ""
    heads = [
        cell.strip().strip("\ufeff") for cell in next(csv.reader([header.replace("\0", "")], delimiter=delimiter), [])
    ]
    work = _Lines(data, signs, begins, ends, delimiter, quotes, len(heads), header.strip())
    return work.rows(heads, bad, header_line)


def _line_feeds(data: bytes) -> bytes:
    """Lines end with a line feed; a carriage return inside a line is white space."""
    if b"\r" not in data:
        return data
    data = data.replace(b"\r\n", b"\n")
    return data.replace(b"\r", b" " if b"\n" in data else b"\n")


class _Lines:
    """Lines of a text being made into rows: most by counting bytes, the few that hold odd quotes one by one."""

    def __init__(
        self, data: bytes, signs: np.ndarray, begins: np.ndarray, ends: np.ndarray, delimiter: str, quotes: bool,
        width: int, header: str,
    ) -> None:  # fmt: skip
        self.data, self.signs, self.begins, self.ends = data, signs, begins, ends
        self.delimiter, self.quotes, self.width, self.header = delimiter, quotes, width, header
        self.broken: list[Broken] = []

    def count(self, sign: int) -> np.ndarray:
        """How often a byte stands in each line: that many of it lie between two line feeds."""
        found = np.zeros(len(self.begins), dtype=np.int32)
        if sign not in self.data:
            return found
        for at in range(0, len(found), BLOCK):
            begins, ends = self.begins[at : at + BLOCK], self.ends[at : at + BLOCK]
            part = self.signs[begins[0] : ends[-1]]
            either = np.flatnonzero((part == sign) | (part == 10))
            feeds = np.flatnonzero(part[either] == 10)
            edges = np.concatenate([[-1], feeds, [len(either)]])
            found[at : at + BLOCK] = np.diff(edges) - 1
        return found

    def rows(self, heads: list[str], bad: dict[int, str], header_line: int) -> Rows:
        cut = self.count(ord(self.delimiter)) + 1
        quoted = self.count(QUOTE) if self.quotes else np.zeros_like(cut)
        nul = self.count(0) > 0
        lone = np.ones(len(cut), dtype=bool)  # lines that are rows by themselves, as far as bytes tell
        lone[:header_line] = False
        lone[[line - 1 for line in bad]] = False
        self.broken += [(line, "bytes", text) for line, text in bad.items() if line > header_line]
        for line in np.flatnonzero(nul & lone).tolist():
            self.put(line, line, "nul")
        lone &= ~nul
        self.usable = lone
        lone = lone & ~self.blank(cut, quoted)
        with_quotes = lone & (quoted > 0)
        good = lone & (quoted == 0) & (cut == self.width)
        plain_wrong = np.flatnonzero(lone & (quoted == 0) & (cut != self.width))
        last = np.arange(len(cut))
        rewritten: dict[int, bytes] = {}
        if with_quotes.any():
            neat = self.neatly_quoted(np.flatnonzero(with_quotes & (quoted % 2 == 0)))
            good[neat] = True
            with_quotes[neat] = False
            taken = self.with_quotes(with_quotes, quoted, good, last, rewritten)
            plain_wrong = plain_wrong[~taken[plain_wrong]]
        for line in plain_wrong.tolist():
            if not self.ends_empty(line, cut[line], rewritten):
                self.put(line, line, "fields")
            else:
                good[line] = True
        self.header_again(good)
        return self.collected(heads, good, last, rewritten)

    def blank(self, cut: np.ndarray, quoted: np.ndarray) -> np.ndarray:
        """Lines that hold delimiters, quotes and white space only."""
        length = self.ends - self.begins
        nothing = cut - 1 + quoted + self.count(32) + (self.count(9) if self.delimiter != "\t" else 0)
        return length == nothing

    def neatly_quoted(self, lines: np.ndarray) -> np.ndarray:
        """Of some lines those whose quotes open and close whole cells, and which have the right number of cells."""
        neat = [self._neat(lines[at : at + BLOCK]) for at in range(0, len(lines), BLOCK)]
        return np.concatenate(neat) if neat else lines

    def _neat(self, lines: np.ndarray) -> np.ndarray:
        low, high = self.begins[lines[0]], self.ends[lines[-1]]
        part = self.signs[low:high]
        begins, ends = self.begins[lines] - low, self.ends[lines] - low
        quotes = np.flatnonzero(part == QUOTE)
        cuts = np.flatnonzero(part == ord(self.delimiter))
        first = np.searchsorted(quotes, begins)
        line_of = np.searchsorted(begins, quotes, side="right") - 1
        known = (line_of >= 0) & (quotes < ends[line_of])
        opening = (np.arange(len(quotes)) - first[line_of]) % 2 == 0
        around = np.concatenate([[10], part, [10]])  # the signs before and after each
        before, after = around[quotes], around[quotes + 2]
        edge = (ord(self.delimiter), 10, QUOTE)
        odd = known & ~np.where(opening, np.isin(before, edge), np.isin(after, edge))
        wrong = np.zeros(len(lines), dtype=bool)
        wrong[line_of[odd]] = True
        at = np.searchsorted(begins, cuts, side="right") - 1
        outside = (at >= 0) & (cuts < ends[at])
        outside &= (np.searchsorted(quotes, cuts) - first[at]) % 2 == 0
        return lines[~wrong & (np.bincount(at[outside], minlength=len(lines)) == self.width - 1)]

    def with_quotes(
        self,
        with_quotes: np.ndarray,
        quoted: np.ndarray,
        good: np.ndarray,
        last: np.ndarray,
        rewritten: dict[int, bytes],
    ) -> np.ndarray:
        """Rows in whose lines odd quotes stand; returns the lines that a row before them has taken in."""
        taken = np.zeros(len(good), dtype=bool)
        for line in np.flatnonzero(with_quotes).tolist():
            if taken[line]:
                continue
            end, cells = self.joined(line, quoted)
            if cells is not None and len(cells) == self.width + 1 and cells[-1] == "":
                cells = cells[:-1]
            if cells is None or len(cells) != self.width:
                self.put(line, line, "quotes" if cells is None else "fields")
                good[line] = False
                continue
            good[line], last[line] = True, end
            taken[line + 1 : end + 1] = True
            good[line + 1 : end + 1] = False
            rewritten[line] = _written(cells, self.delimiter)
        return taken

    def joined(self, line: int, quoted: np.ndarray) -> tuple[int, list[str] | None]:
        """The cells of the row that begins in a line, and the line in which it ends; None where a quote stays open."""
        parts, marks = [], 0
        for end in range(line, min(line + LONGEST_ROW, len(self.begins))):
            if not self.usable[end] and self.ends[end] > self.begins[end]:
                break
            parts.append(self.line(end))
            marks += int(quoted[end])
            if marks % 2:
                continue
            text = "\n".join(parts)
            try:
                found = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter, strict=True))
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    continue
                break
            if len(found) == 1:
                return end, found[0]
            break
        return line, None

    def line(self, line: int) -> str:
        return self.data[self.begins[line] : self.ends[line]].decode("utf-8")

    def ends_empty(self, line: int, cells: int, rewritten: dict[int, bytes]) -> bool:
        """One cell too many, and it is empty: a delimiter at the end of the line."""
        text = self.line(line)
        if cells != self.width + 1 or not text.endswith(self.delimiter):
            return False
        rewritten[line] = text[:-1].encode("utf-8")
        return True

    def header_again(self, good: np.ndarray) -> None:
        """The header once more, where exports were put together."""
        length = self.ends - self.begins
        size = len(self.header.encode("utf-8"))
        for line in np.flatnonzero(good & (length >= size) & (length <= size + 4)).tolist():
            if self.line(line).strip("\ufeff ") == self.header:
                self.put(line, line, "header")
                good[line] = False

    def put(self, line: int, end: int, why: str) -> None:
        text = self.data[self.begins[line] : self.ends[end]].decode("utf-8")
        self.broken.append((int(line) + 1, why, text))

    def collected(self, heads: list[str], good: np.ndarray, last: np.ndarray, rewritten: dict[int, bytes]) -> Rows:
        """The good rows, one after the other; the text itself where nothing had to be left out or written anew."""
        first = np.flatnonzero(good)
        begins, ends = self.begins[first], self.ends[last[first]]
        broken = tuple(sorted(self.broken))
        whole = not rewritten and (not len(first) or np.array_equal(begins[1:], ends[:-1] + 1))
        if whole:
            start, stop = (int(begins[0]), int(ends[-1])) if len(first) else (0, 0)
            return Rows(heads, self.data[start:stop], begins - start, ends - start, first + 1, broken)
        pieces = [
            rewritten.get(row) or self.data[begin:end]
            for row, begin, end in zip(first.tolist(), begins.tolist(), ends.tolist(), strict=True)
        ]
        sizes = np.array([len(piece) for piece in pieces], dtype=np.int64)
        at = np.append(0, np.cumsum(sizes + 1)[:-1]) if len(pieces) else np.zeros(0, dtype=np.int64)
        return Rows(heads, b"\n".join(pieces), at, at + sizes, first + 1, broken)


def _written(cells: list[str], delimiter: str) -> bytes:
    into = io.StringIO()
    csv.writer(into, delimiter=delimiter, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
    return into.getvalue().encode("utf-8")


def twice_in(heads: list[str]) -> list[str]:
    """Headers that stand more than once."""
    return [head for head, count in Counter(heads).items() if count > 1 and head]
