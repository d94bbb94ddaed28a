"""Violations of the JSON Schemas, with their lines. Only this module imports jsonschema-rs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from afcli.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afcli.files.strict_yaml import Document
    from afcli.problems import Problem


_ENOUGH = 32 * 1024 * 1024
"""The library and its schemas take less memory than this, in bytes."""


@lru_cache
def _validator(name: str) -> Any:
    # Where memory is short, Rust ends the process without a word; Python raises an error.
    bytearray(_ENOUGH)
    import jsonschema_rs

    # article.json refers to the CSL item of bibliography.json, claim.json to claims.json.
    shared = jsonschema_rs.Registry([(f"{n}.json", schema(n)) for n in ("bibliography", "claims")])
    return jsonschema_rs.validator_for(schema(name), registry=shared)


def fault(given: Any, wanted: dict[str, Any]) -> str:
    """Return the first thing in *given* that the schema *wanted* forbids, with where it is; empty if there is none."""
    import jsonschema_rs

    for error in jsonschema_rs.validator_for(wanted).iter_errors(given):
        place = ".".join(map(str, error.instance_path))
        return f"{place}: {error.message}" if place else str(error.message)
    return ""


def violations(document: Document, name: str) -> Iterator[Problem]:
    """Yield every violation of the schema *name* in *document*, with its line and what to do."""
    validator = _validator(name)
    if validator.is_valid(document.data):
        return
    for error in validator.iter_errors(document.data):
        pointer = tuple(error.instance_path)
        hint = _advice(name, error.evaluation_path)
        if error.kind.name == "additionalProperties":
            for unknown in error.kind.unexpected:
                yield document.problem((*pointer, unknown), f"unknown field {unknown!r}", hint)
        else:
            yield document.problem(pointer, _message(pointer, error), hint)


def _message(pointer: tuple[str | int, ...], error: Any) -> str:
    field = next((f"{part}: " for part in reversed(pointer) if isinstance(part, str)), "")
    value = error.instance
    shown = f"{value[:60]!r}" if isinstance(value, str) else "this value"
    match error.kind.name:
        case "required":
            return f"the field {error.kind.property!r} is missing"
        case "minLength" | "minItems" | "minProperties":
            return f"{field}is empty"
        case "uniqueItems":
            return f"{field}the same entry appears twice"
        case "propertyNames":
            return f"{field}has a key of the wrong form"
        case "maxLength" | "maxItems":
            return f"{field}is too long, more than {error.kind.limit}"
        case "type":
            return f"{field}{shown} has the wrong type"
        case _:
            return f"{field}{shown} is not valid here"


def _advice(name: str, path: list[str | int]) -> str:
    """Return the innermost description that a schema on *path* has."""
    current: Any = schema(name)
    advice = str(current.get("description", ""))
    for part in path:
        if part == "$ref":
            file, _, pointer = current["$ref"].partition("#/")
            current = schema(file.removesuffix(".json")) if file else schema(name)
            name = file.removesuffix(".json") or name
            for step in pointer.split("/"):
                current = current[step]
        else:
            current = current[part]
        if isinstance(current, dict) and isinstance(current.get("description"), str):
            advice = current["description"]
    return advice
