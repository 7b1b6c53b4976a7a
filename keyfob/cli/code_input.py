"""Codes as verbs take them: by prompt, standard input, KEYFOB_CODE, or as an argument."""

import os

from firmware_model.errors import BadInput
from keyfob.cli import options

CODE_VARIABLE = "KEYFOB_CODE"


def ask_codes(given: tuple[str, ...], prompts: list[str]) -> list[str]:
    """Return a code for each of `prompts`, as typed.

    They come from arguments (with a warning), KEYFOB_CODE (blanks between and
    within them, as in "755 224"), a prompt each,
    or a line each of standard input.

    Raises:
        BadInput: too few or too many were given.
    """
    if given:
        options.warn_of_argument("--code", f"the prompt or {CODE_VARIABLE}")
    texts = list(given) or _grouped(os.environ.get(CODE_VARIABLE, "").split(), len(prompts))
    if texts and len(texts) != len(prompts):
        raise BadInput(
            f"{len(texts)} of {len(prompts)} codes given: give --code for each of them, or none"
        )
    return texts or [options.ask_secret(prompt) for prompt in prompts]


def prompts_for(count: int, what: str = "the code") -> list[str]:
    """Return what to ask for `count` consecutive codes."""
    if count == 1:
        return [what]
    return [f"{what} {number} of {count}" for number in range(1, count + 1)]


def _grouped(words: list[str], count: int) -> list[str]:
    """Return `words` as `count` codes: each is one word, or as many words as every other."""
    each, rest = divmod(len(words), count)
    if rest or each < 2:
        return words
    return [" ".join(words[first : first + each]) for first in range(0, len(words), each)]
