"""The JSON schema of `[tool.varsync]`, by which editors complete and check it.

Draft 7, as SchemaStore keeps it for the tables of pyproject.toml.
"""

from __future__ import annotations

from typing import Any

from varsync_rules.registry import rules

from varsync.configuration.settings import DEFAULT_EXCLUDE, defaults
from varsync.configuration.tables import KEYS, TARGET_KEYS, Key, Kind

_ID = "https://json.schemastore.org/partial-varsync.json"


def schema() -> dict[str, Any]:
    """The schema as a document of JSON."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": _ID,
        "title": "varsync",
        **_table(KEYS, "How varsync checks the distributed variables of TensorFlow programs."),
        "definitions": {
            "rules": {
                "type": "array",
                "items": {
                    "anyOf": [
                        {"type": "string", "enum": _selectors()},
                        {
                            "description": "A prefix, a name, or a rule of a plugin.",
                            "type": "string",
                            "pattern": "^\\s*[A-Za-z][A-Za-z0-9-]*\\s*$",
                        },
                    ]
                },
            },
            "strings": {"type": "array", "items": {"type": "string"}},
            "name": {"type": "string", "minLength": 1},
        },
    }


def _table(keys: dict[str, Key], does: str) -> dict[str, Any]:
    return {
        "description": does,
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _property(name, key) for name, key in keys.items()},
    }


def _property(name: str, key: Key) -> dict[str, Any]:
    """What a key's value may be, with its default."""
    if key.kind is Kind.TABLE:
        return _table(TARGET_KEYS, key.does)
    default = _default(name, key)
    return {"description": key.does, **_form(key), **({} if default is None else default)}


def _form(key: Key) -> dict[str, Any]:
    if key.kind is Kind.SWITCH:
        return {"type": "boolean"}
    if key.kind is Kind.WORD:
        return {"type": "string", "enum": list(key.words)}
    if key.kind is Kind.FILE:
        return {"allOf": [{"$ref": "#/definitions/name"}]}
    if key.kind is Kind.RULES:
        return {"allOf": [{"$ref": "#/definitions/rules"}]}
    if key.kind is Kind.RULES_OF_FILES:
        return {"type": "object", "additionalProperties": {"$ref": "#/definitions/rules"}}
    if key.kind is Kind.VERSIONS:
        return {"type": "string", "pattern": "[0-9]|^any$"}
    if key.kind is Kind.STRATEGIES:
        one = {"type": "string", "enum": list(key.words)}
        return {
            "anyOf": [
                {"type": "string", "enum": ["any", "used"]},
                {"type": "array", "minItems": 1, "items": one},
            ]
        }
    return {"allOf": [{"$ref": "#/definitions/strings"}]}


def _default(name: str, key: Key) -> dict[str, Any] | None:
    """What holds where the key is not given."""
    if name == "exclude":
        return {"default": list(DEFAULT_EXCLUDE)}
    if key.kind in (Kind.SWITCH, Kind.WORD):
        return {"default": getattr(defaults(""), name.replace("-", "_"))}
    return None


def _selectors() -> list[str]:
    """The codes and their prefixes, ALL, and the names of our rules."""
    known = list(rules())
    words = {rule.code[:length] for rule in known for length in (3, 4, 5)}
    return ["ALL", *sorted(words), *(rule.name for rule in known)]
