"""Loads what people are told, one file a language, and refuses a language that lacks anything."""

import re
from dataclasses import dataclass

from .json_file import RegistryError, read_json

AUDIENCES = ("visitor", "agent")
REFERENCE = "en"
# "[ in {seconds} s]": left out as a whole where the value is not known.
OPTIONAL_PART = re.compile(r"\[([^\[\]{}]*)\{([a-z]+)\}([^\[\]{}]*)\]")
PLACEHOLDERS = ("detail", "id", "seconds")


@dataclass
class Language:
    tag: str  # BCP 47: "en", "zh"
    name: str  # in the language itself
    texts: dict  # id -> {"visitor": sentence, "agent": sentence}


def load(directory, used):
    """All languages, English first; `used` are the ids that the registry refers to."""
    paths = sorted(directory.glob("*.json"), key=lambda path: (path.stem != REFERENCE, path.stem))
    if not paths or paths[0].stem != REFERENCE:
        raise RegistryError(f"{directory}: {REFERENCE}.json is missing")
    languages = [load_language(path) for path in paths]
    reference = languages[0]
    for key in sorted(used - set(reference.texts)):
        raise RegistryError(f"{paths[0]}: texts: {key!r} is missing, but registry.json tells it to people")
    for key in sorted(set(reference.texts) - used):
        raise RegistryError(f"{paths[0]}: texts: {key!r} is told by nothing in registry.json")
    for path, language in zip(paths[1:], languages[1:]):
        compare(path, language, reference)
    return languages


def load_language(path):
    raw = read_json(path)
    if not isinstance(raw, dict) or set(raw) != {"language", "name", "texts"}:
        raise RegistryError(f"{path}: the file must be one object with exactly the keys language, name, texts")
    if raw["language"] != path.stem:
        raise RegistryError(f"{path}: language: must be {path.stem!r} like the file's name, not {raw['language']!r}")
    if not isinstance(raw["name"], str) or not raw["name"]:
        raise RegistryError(f"{path}: name: must be the language's own name for itself")
    if not isinstance(raw["texts"], dict):
        raise RegistryError(f"{path}: texts: must be an object")
    for key, said in raw["texts"].items():
        if not isinstance(said, dict) or set(said) != set(AUDIENCES):
            raise RegistryError(f"{path}: texts: {key}: must have exactly the keys {' and '.join(AUDIENCES)}")
        for audience, sentence in said.items():
            check_sentence(f"{path}: texts: {key}: {audience}", sentence)
    return Language(raw["language"], raw["name"], raw["texts"])


def check_sentence(place, sentence):
    if not isinstance(sentence, str) or not sentence or sentence != sentence.strip() or "\n" in sentence:
        raise RegistryError(f"{place}: must be one line of text without space around it")
    for name in placeholders(sentence):
        if name not in PLACEHOLDERS:
            raise RegistryError(f"{place}: unknown placeholder {{{name}}}; known are {', '.join(PLACEHOLDERS)}")
    if re.search(r"[\[\]{}]", OPTIONAL_PART.sub("", sentence)):
        raise RegistryError(f"{place}: a placeholder stands alone in square brackets, as in '[ in {{seconds}} s]'")


def placeholders(sentence):
    return sorted(match.group(2) for match in OPTIONAL_PART.finditer(sentence))


def compare(path, language, reference):
    for key, said in reference.texts.items():
        if key not in language.texts:
            raise RegistryError(f"{path}: texts: {key!r} is missing; {REFERENCE}.json has it")
        for audience in AUDIENCES:
            expected, found = placeholders(said[audience]), placeholders(language.texts[key][audience])
            if expected != found:
                raise RegistryError(
                    f"{path}: texts: {key}: {audience}: has the placeholders {found}, {REFERENCE}.json has {expected}"
                )
    for key in language.texts:
        if key not in reference.texts:
            raise RegistryError(f"{path}: texts: {key!r} is not in {REFERENCE}.json")


def fill(sentence, values):
    """The sentence with the values; an optional part without its value is left out."""

    def part(match):
        before, name, after = match.groups()
        return f"{before}{values[name]}{after}" if name in values else ""

    return OPTIONAL_PART.sub(part, sentence)
