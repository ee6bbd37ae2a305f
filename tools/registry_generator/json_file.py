"""Reads a JSON file strictly."""

import json


class RegistryError(Exception):
    """A fault in the data; the message is what the person who wrote the entry reads."""


def read_json(path):
    def no_duplicates(pairs):
        keys = [key for key, _ in pairs]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise RegistryError(f"{path}: the key {sorted(twice)[0]!r} stands twice in one object")
        return dict(pairs)

    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=no_duplicates)
    except OSError as error:
        raise RegistryError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise RegistryError(f"{path}: not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise RegistryError(f"{path}: line {error.lineno}: not JSON: {error.msg}") from None
