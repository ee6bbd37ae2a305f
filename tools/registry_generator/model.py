"""Loads src/registry/registry.json and refuses whatever is wrong in it, naming the file, the key and the fault."""

import re
from dataclasses import dataclass
from pathlib import Path

from . import texts
from .json_file import RegistryError, read_json

CODE_LAST = 65535
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*\Z")
CONSTANT = re.compile(r"CLOSE_[A-Z0-9_]+\Z")

WIRE_RULES = ("never", "anyone", "client_only", "by_extension")
ORIGINS = ("us", "peer", "network")
ACTIONS = ("none", "stop", "stop_if_ours", "connect")
OUTBOX_RULES = ("keep", "fail_oldest", "set_aside_after_three")
SOURCES = ("IANA", "Clearline")


# For every section: field name -> (type, required). A list means "one of these words".
ENTRY_FIELDS = {
    "id": (str, True),
    "name": (str, True),
    "source": (SOURCES, True),
    "meaning": (str, True),
    "sender": (str, True),
    "wire": (WIRE_RULES, True),
    "browser_may_send": (bool, True),
    "does": (str, True),
    "again": (str, True),
    "told": ((str, type(None)), True),
    "quiet_ms": (int, True),
    "help": (str, True),
}
FIELDS = {
    "again": {
        "name": (str, True),
        "text": (str, True),
        "action": (ACTIONS, True),
        "renew_token": (bool, True),
        "resync": (bool, True),
        "reload": (bool, True),
        "first_window_ms": (int, True),
        "floor_ms": (int, True),
        "backoff_base_ms": (int, True),
        "backoff_cap_ms": (int, True),
        "tries_max": (int, True),
        "stop_if_repeated_within_ms": (int, True),
        "honours_hint": (bool, True),
        "may_hurry": (bool, True),
        "outbox": (OUTBOX_RULES, True),
    },
    "codes": {"code": (int, True), "constant": (str, True), "also": (list, True), **ENTRY_FIELDS},
    "ranges": {"first": (int, True), "last": (int, True), **ENTRY_FIELDS},
    "causes": {
        "name": (str, True),
        "group": (str, True),
        "origin": (ORIGINS, True),
        "status": (int, True),
        "status_varies": (str, False),
        "text": (str, True),
    },
    "errors": {"name": (str, True), "retryable": (bool, True), "text": (str, True), "told": (str, True)},
}


@dataclass
class Registry:
    again: list
    codes: list
    ranges: list
    causes: list
    errors: list
    languages: list  # of texts.Language, English first

    def entries(self):
        """Codes and ranges by last code, so that a range stands behind the codes cut out of it."""
        both = [{**code, "first": code["code"], "last": code["code"]} for code in self.codes]
        both += [{**entry, "constant": "", "also": []} for entry in self.ranges]
        return sorted(both, key=lambda entry: (entry["last"], -entry["first"]))

    def lookup(self, code):
        return next(entry for entry in self.entries() if entry["first"] <= code <= entry["last"])


def load(path, texts_directory):
    """The registry and its languages, complete and consistent, or a RegistryError."""
    path = Path(path)
    raw = read_json(path)
    expected = {"version", *FIELDS}
    if not isinstance(raw, dict) or set(raw) != expected:
        raise RegistryError(f"{path}: the file must be one object with exactly the keys {', '.join(sorted(expected))}")
    if raw["version"] != 1:
        raise RegistryError(f"{path}: version: this generator reads version 1, not {raw['version']!r}")
    for section, fields in FIELDS.items():
        check_section(f"{path}: {section}", raw[section], fields)
    registry = Registry(*(raw[section] for section in ("again", "codes", "ranges", "causes", "errors")), languages=[])
    check_names(path, registry)
    check_codes(path, registry)
    check_references(path, registry)
    used = {item["told"] for item in registry.codes + registry.ranges + registry.errors} - {None}
    registry.languages = texts.load(Path(texts_directory), used)
    return registry


def check_section(place, items, fields):
    if not isinstance(items, list) or not items:
        raise RegistryError(f"{place}: must be a list with at least one entry")
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise RegistryError(f"{place}[{index}]: must be an object")
        label = item.get("code", item.get("name", item.get("id", "")))
        check_item(f"{place}[{index}] ({label})", item, fields)


def check_item(place, item, fields):
    for key in item:
        if key not in fields:
            raise RegistryError(f"{place}: unknown key {key!r}; known are {', '.join(fields)}")
    for key, (kind, required) in fields.items():
        if key in item:
            check_value(f"{place}: {key}", item[key], kind)
        elif required:
            raise RegistryError(f"{place}: the key {key!r} is missing")


def check_value(place, value, kind):
    if isinstance(kind, tuple) and isinstance(kind[0], str):
        if value not in kind:
            raise RegistryError(f"{place}: must be one of {', '.join(kind)}, not {value!r}")
        return
    # In Python a bool is an int; in the registry it is not.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise RegistryError(f"{place}: must be {kind_name(kind)}, not {value!r}")
    if isinstance(value, str) and (not value or value != value.strip() or "\n" in value):
        raise RegistryError(f"{place}: must be one line of text without space around it")
    if isinstance(value, int) and value < 0:
        raise RegistryError(f"{place}: must not be negative, but is {value}")
    if isinstance(value, list):
        for item in value:
            check_value(f"{place}[]", item, str)


def kind_name(kind):
    names = {str: "text", int: "a whole number", bool: "true or false", list: "a list of texts"}
    return names.get(kind, "text or null")


def check_names(path, registry):
    named = {
        "again.name": [item["name"] for item in registry.again],
        "codes.id or ranges.id": [item["id"] for item in registry.codes + registry.ranges],
        "causes.name": [item["name"] for item in registry.causes],
        "errors.name": [item["name"] for item in registry.errors],
        "codes.constant": [item["constant"] for item in registry.codes],
    }
    for key, names in named.items():
        pattern = CONSTANT if key == "codes.constant" else IDENTIFIER
        for name in names:
            if not pattern.match(name):
                raise RegistryError(f"{path}: {key}: {name!r} does not match {pattern.pattern[:-2]}")
            if names.count(name) > 1:
                raise RegistryError(f"{path}: {key}: {name!r} stands twice")
    if any(cause["name"] == "unknown" for cause in registry.causes):
        raise RegistryError(f"{path}: causes: 'unknown' does not exist as a cause; name the real one")
    # std::uint8_t in C++.
    for key in ("again", "causes", "errors"):
        if len(getattr(registry, key)) > 255:
            raise RegistryError(f"{path}: {key}: more than 255 entries do not fit the enum's byte")


def check_codes(path, registry):
    """Every number 0-65535 has exactly one code, or else exactly one range."""
    codes = [item["code"] for item in registry.codes]
    for code in codes:
        if code > CODE_LAST:
            raise RegistryError(f"{path}: codes: {code} does not fit a close code's 16 bits")
        if codes.count(code) > 1:
            raise RegistryError(f"{path}: codes: {code} stands twice")
    ranges = sorted(registry.ranges, key=lambda item: item["first"])
    for item in ranges:
        if not item["first"] < item["last"] <= CODE_LAST:
            raise RegistryError(f"{path}: ranges: {item['id']}: {item['first']}-{item['last']} is not a range of codes")
    for left, right in zip(ranges, ranges[1:]):
        if right["first"] <= left["last"]:
            raise RegistryError(f"{path}: ranges: {left['id']} and {right['id']} overlap at {right['first']}")
    covered = set(codes).union(*(range(item["first"], item["last"] + 1) for item in ranges))
    gaps = sorted(set(range(CODE_LAST + 1)) - covered)
    if gaps:
        raise RegistryError(f"{path}: no code and no range has an entry for {gaps[0]}")


def check_references(path, registry):
    policies = {item["name"] for item in registry.again}
    for item in registry.codes + registry.ranges:
        if item["again"] not in policies:
            raise RegistryError(f"{path}: {item['id']}: again: {item['again']!r} is not in the section 'again'")
        if item["browser_may_send"] and item["wire"] != "anyone":
            raise RegistryError(f"{path}: {item['id']}: a browser cannot send what is not valid on the wire")
    used = {item["again"] for item in registry.codes + registry.ranges}
    if policies - used:
        raise RegistryError(f"{path}: again: {sorted(policies - used)[0]!r} is used by no entry")
    codes = {item["code"] for item in registry.codes}
    for cause in registry.causes:
        if cause["status"] not in codes:
            raise RegistryError(f"{path}: causes: {cause['name']}: status {cause['status']} is not one of the codes")
