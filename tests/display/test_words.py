"""The words: both languages say every sentence."""

import string

import pytest

from csim.display.words import LANGUAGES, Words, _entry, _written


def test_a_sentence_is_said_in_one_language_only():
    """Every entry has exactly the two languages, each a text whose values can be filled in."""
    for key in _written():
        said = _entry(key)
        assert set(said) == set(LANGUAGES), key
        for text in said.values():
            assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text)), key


def test_a_word_that_nobody_wrote():
    """An unknown key is an error of ours, said by name."""
    with pytest.raises(KeyError, match="nobody_says_this"):
        Words("en")("nobody_says_this")
    assert Words("zh").find("nobody_says_this") is None
