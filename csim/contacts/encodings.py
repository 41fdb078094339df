"""The bytes of a text file as UTF-8: the encoding stated or found out, and the lines that are no text in it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from csim.display.notes import Note
from csim.errors import InputError, Mistake

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
UTF8 = ("utf-8", "utf-8-sig", "ascii")
CHINESE = ("gb18030", "gbk", "gb2312")
SAMPLE = 2_000_000  # bytes that are looked at to tell an encoding


@dataclass(frozen=True)
class Text:
    """
    A file's text in UTF-8, with "\\n" line ends as they were.

    Attributes:
        data: Its bytes; a line that is no text in the encoding is empty here.
        bad: Such lines, from 1, as far as they can be shown.
        notes: The encoding, where it was found out or turned out to be another.
    """

    data: bytes
    bad: dict[int, str]
    notes: tuple[Note, ...] = ()


def as_utf8(data: bytes, stated: str | None, file: str) -> Text:
    """
    The text of *data*.

    A byte-order mark decides; then what is *stated*; else UTF-8 where most lines beyond ASCII are UTF-8, Chinese
    (GB18030, which holds GBK) where common Chinese characters come out of it, and Latin-1 as the last.

    Raises:
        InputError: The file is not in the encoding that is stated.

    Examples:
        >>> found = as_utf8("客服,等待\\n".encode("gbk"), None, "log.csv")
        >>> found.data.decode(), found.notes[0].text("en")
        ('客服,等待\\n', 'read as gb18030 (found out: state it in the mapping if this is wrong)')
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    if stated is None:
        guess = guessed(data)
        notes = () if guess == "utf-8" else (Note("intake_encoding", {"encoding": guess}),)
        found = _decoded(data, guess)
        return Text(found.data, found.bad, notes)
    encoding = "gb18030" if stated in CHINESE else stated
    found = _decoded(data, encoding)
    lines = data.count(b"\n") + 1
    likely = guessed(data)
    if 1 in found.bad or 2 * len(found.bad) > lines:
        what = f'is not {stated}: it looks like {likely}; write "encoding: {likely}" under file, or leave it out'
        raise InputError([Mistake(what, "", file, min(found.bad))])
    if likely == "utf-8" and encoding not in UTF8 and not data.isascii():
        return Text(found.data, found.bad, (Note("intake_other_encoding", {"stated": stated, "likely": likely}),))
    return found


def guessed(data: bytes) -> str:
    """
    The likely encoding of text without a byte-order mark.

    Examples:
        >>> guessed("Grüße aus Köln".encode("latin-1")), guessed("转人工".encode("gbk")), guessed(b"plain")
        ('latin-1', 'gb18030', 'utf-8')
    """
    sample = data[:SAMPLE]
    if len(data) > SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    if _is(sample, "utf-8"):
        return "utf-8"
    beyond = [line for line in sample.split(b"\n") if not line.isascii()]
    if 2 * sum(_is(line, "utf-8") for line in beyond) > len(beyond):
        return "utf-8"
    text = b"\n".join(beyond).decode("gb18030", errors="replace")
    signs = [sign for sign in text if sign > "\x7f"]
    common = sum(_is_common(sign) for sign in signs)
    return "gb18030" if signs and common >= 0.8 * len(signs) else "latin-1"


def _is(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_common(sign: str) -> bool:
    try:
        return len(sign.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False


def _decoded(data: bytes, encoding: str) -> Text:
    if encoding.startswith("utf-16"):  # its line ends are no single bytes: all or nothing
        return Text(data.decode(encoding, errors="replace").encode("utf-8"), {})
    try:
        text = data.decode(encoding)
        return Text(data if encoding == "utf-8" else text.encode("utf-8"), {})
    except UnicodeDecodeError:
        pass
    bad: dict[int, str] = {}
    good: list[bytes] = []
    for number, line in enumerate(data.split(b"\n"), 1):
        try:
            good.append(line.decode(encoding).encode("utf-8"))
        except UnicodeDecodeError:
            bad[number] = line.decode(encoding, errors="replace")
            good.append(b"")
    return Text(b"\n".join(good), bad)
