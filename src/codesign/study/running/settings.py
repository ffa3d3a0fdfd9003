"""The config of a study: checked against its schema, defaults filled in, one sentence on errors."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from jsonschema.validators import validator_for

from codesign.errors import InputError
from codesign.reading import closest, shown
from codesign.shipped import find
from codesign.study.paper import REFERENCE
from codesign.study.registry import RESULTS
from codesign.study.results.r5.weights import PREFIX, weight

Schema = dict[str, Any]


def load_schema(path: str | Path) -> Schema:
    """The schema in a YAML file."""
    schema: Schema = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    return schema


def check_settings(settings: dict[str, Any], schema: Schema, where: str = "config") -> None:
    """Fills the schema's defaults into `settings`, then checks them.

    Raises:
        InputError: a field is missing, unknown or not what it should be.
    """
    # Not above: the registry runs plugins, whose errors are to be told as any others.
    from codesign.search.registry import METHODS, searchers

    fill_defaults(settings, schema)
    errors = list(validator_for(schema)(schema).iter_errors(settings))
    if errors:
        raise InputError(f"{where}: {explain(_worst(errors))}")
    _check_method(settings["mapper"], f"{where}: mapper", METHODS)
    for result in RESULTS:
        options = settings.get(result, {})
        for key in ("method", "sampler"):
            if key in options:
                _check_method(options[key], f"{where}: {result}: {key}", searchers())
        for method in options.get("methods", ()):
            _check_method(method, f"{where}: {result}: methods", searchers())
        for kind in ("mapping", "hardware"):
            for model in options.get(kind, {}).get("models", ()):
                _check_model(model, settings["models"], f"{where}: {result}: {kind}: models")
    for method in settings["R5"]["methods"]:
        _check_weight(method, f"{where}: R5: methods")
    for method in settings["B5"]["weak_methods"]:
        _check_method(method, f"{where}: B5: weak_methods", searchers())
    for name, model in settings["models"].items():
        _check_file("workloads", model["workload"], f"{where}: models: {name}: workload")
        _check_file("hardware", model["baseline"], f"{where}: models: {name}: baseline")
    _check_file("technology", settings["technology"], f"{where}: technology")
    if "B6" in settings["results"]:
        _check_records(settings["B6"]["records"], f"{where}: B6: records")
    _check_b5(settings, f"{where}: B5")


def _check_b5(settings: dict[str, Any], where: str) -> None:
    chosen = settings["B5"]
    for source in chosen["technologies"]:
        _check_file("technology", source, f"{where}: technologies")
    for source in chosen["budgets"]:
        _check_file("hardware", source, f"{where}: budgets")
    for model, sources in chosen["workloads"].items():
        if model not in settings["models"]:
            known = list(settings["models"])
            hint = closest(model, known)
            raise InputError(
                f"{where}: workloads: no model {model!r}{hint}, expected one of {', '.join(known)}"
            )
        for source in sources:
            _check_file("workloads", source, f"{where}: workloads: {model}")


def _check_file(kind: str, source: str, where: str) -> None:
    try:
        path = find(kind, source)
    except InputError as error:
        reason = str(error).removeprefix(f"{kind}: ")
        raise InputError(f"{where}: {reason}") from None
    if not path.is_file():
        raise InputError(f"{where} is {source!r}, expected a file that exists")


def _check_records(folder: str, where: str) -> None:
    if not any(Path(folder).glob("*.jsonl.gz")):
        raise InputError(
            f"{where} is {folder!r}, expected a folder of record sets (SET.jsonl.gz); they come "
            "with the repository, in tests/reference, not with an installed package"
        )


def _check_method(name: str, where: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if name not in names:
        wanted = f"one of {', '.join(names)}{closest(name, names)}"
        raise InputError(f"{where} is {shown(name)}, expected {wanted}")


def _check_weight(method: str, where: str) -> None:
    try:
        weight(method)
    except ValueError:
        wanted = f"{REFERENCE} or a method that says its λ, as {PREFIX}2"
        raise InputError(f"{where} is {shown(method)}, expected {wanted}") from None


def _check_model(name: str, models: Iterable[str], where: str) -> None:
    known = list(models)
    if name not in known:
        wanted = f"one of {', '.join(known)}{closest(name, known)}"
        raise InputError(f"{where} is {shown(name)}, expected {wanted}")


def fill_defaults(settings: dict[str, Any], schema: Schema) -> None:
    """Puts the defaults of the schema where `settings` say nothing, and fields in its order.

    Snakemake compares parameters as text: a config whose fields are in another order must give
    the same.
    """
    for name, part in schema.get("properties", {}).items():
        if "default" in part and name not in settings:
            settings[name] = copy.deepcopy(part["default"])
        if isinstance(settings.get(name), dict) and part.get("type") == "object":
            fill_defaults(settings[name], part)
    given = dict(settings)
    settings.clear()
    for name in (*(name for name in schema.get("properties", {}) if name in given), *given):
        settings[name] = given[name]


def _worst(errors: list[jsonschema.ValidationError]) -> jsonschema.ValidationError:
    """The error to tell first: a misspelt key explains the missing one."""
    order = {"additionalProperties": 0, "required": 1}
    return min(errors, key=lambda e: (order.get(str(e.validator), 2), list(map(str, e.path))))


def explain(error: jsonschema.ValidationError) -> str:
    """A schema violation as one sentence: the field, its value, what was expected."""
    field = ": ".join(str(part) for part in error.absolute_path)
    inside = f"{field}: " if field else ""
    schema: Any = error.schema
    value: Any = error.instance
    if error.validator == "additionalProperties":
        known = sorted(schema.get("properties", {}))
        unknown = next(name for name in value if name not in known)
        hint = closest(unknown, known)
        return f"{inside}unknown key {unknown!r}{hint}; known are {', '.join(known)}"
    if error.validator == "required":
        missing = next(name for name in schema["required"] if name not in value)
        wanted = expected(schema["properties"][missing])
        return f"{inside}the key {missing!r} is missing, expected {wanted}"
    if error.validator in ("minProperties", "minItems", "minLength"):
        return f"{field} is empty, expected at least one entry"
    if error.validator == "uniqueItems":
        return f"{field} is {shown(value)}, expected each entry once"
    hint = closest(value, schema["enum"]) if "enum" in schema else ""
    return f"{field or 'a name'} is {shown(value)}, expected {expected(schema)}{hint}"


def expected(schema: Schema) -> str:
    """What a field should be, in words."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "pattern" in schema:
        return str(schema.get("title", f"a text like {schema['pattern']}"))
    kinds = {
        "integer": "a whole number",
        "number": "a number",
        "string": "a text",
        "array": "a list",
        "object": "a mapping",
        "boolean": "true or false",
    }
    words = kinds.get(str(schema.get("type")), "another value")
    if "minimum" in schema and "maximum" in schema:
        return f"{words} from {schema['minimum']} to {schema['maximum']}"
    if "minimum" in schema:
        return f"{words} of at least {schema['minimum']}"
    return words
