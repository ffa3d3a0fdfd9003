"""The config of a study: defaults, checks against its schema, and errors in one sentence."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.validators import validator_for

from codesign.errors import InputError
from codesign.hardware.files import load_chip
from codesign.reading import closest, read_text, shown
from codesign.study.registry import RESULTS, function_of, options_of
from codesign.study.running.checks import check_dram, check_file, check_method, check_model
from codesign.study.running.needs import hardware_spaces, map_spaces, networks
from codesign.study.spaces import RESERVED
from codesign.yaml_loader import parse_yaml

Schema = dict[str, Any]

METHOD_REF, METHODS_REF = "#/$defs/method", "#/$defs/methods"
"""References in the schema to the name of a method, and to a list of such names."""


def load_schema(path: str | Path) -> Schema:
    """The schema of a config: the common part from a YAML file, and the options of results."""
    schema: Schema = parse_yaml(read_text(Path(path)), str(path))
    properties = schema["properties"]
    properties["results"]["items"] = {"enum": list(RESULTS)}
    chosen = [result for result, declared in RESULTS.items() if declared.is_default]
    properties["results"]["default"] = chosen
    for result, declared in RESULTS.items():
        options = options_of(result)
        if options:
            properties[result] = {
                "description": declared.title,
                "type": "object",
                "additionalProperties": False,
                "default": {},
                "properties": options,
            }
    return schema


def check_settings(settings: dict[str, Any], schema: Schema, where: str = "config") -> None:
    """Fills the schema's defaults into `settings`, then checks them.

    Raises:
        InputError: a field is missing, unknown, or has a bad value.
    """
    # Imported here: the registry runs plugins, and their errors need to be caught by the caller.
    from codesign.search.registry import METHODS

    fill_defaults(settings, schema)
    errors = list(validator_for(schema)(schema).iter_errors(settings))
    if errors:
        raise InputError(f"{where}: {explain(_worst(errors))}")
    check_method(settings["mapper"], f"{where}: mapper", METHODS)
    for result in RESULTS:
        _check_options(settings, schema, result, f"{where}: {result}")
    for name, model in settings["models"].items():
        check_file("workloads", model["workload"], f"{where}: models: {name}: workload")
        check_file("hardware", model["baseline"], f"{where}: models: {name}: baseline")
    for name, workload in settings["networks"].items():
        check_file("workloads", workload, f"{where}: networks: {name}")
    _check_names(settings, where)
    _check_map_spaces(settings, where)
    _check_hardware_spaces(settings, where)
    check_file("technology", settings["technology"], f"{where}: technology")


def _check_names(settings: dict[str, Any], where: str) -> None:
    """Checks that models, networks and spaces have names of their own."""
    for field in ("models", "networks", "map_spaces", "hardware_spaces"):
        for name in settings[field]:
            if name in RESERVED:
                raise InputError(f"{where}: {field}: {name} is the name of something else here")
    twice = [name for name in settings["networks"] if name in settings["models"]]
    if twice:
        raise InputError(f"{where}: networks: {twice[0]} is already one of the models")


def _check_map_spaces(settings: dict[str, Any], where: str) -> None:
    """Checks accelerators, dataflows and networks of map-spaces."""
    known = networks(settings)
    for name, space in settings["map_spaces"].items():
        field = f"{where}: map_spaces: {name}"
        check_file("hardware", space["hardware"], f"{field}: hardware")
        for network in space.get("networks", ()):
            check_model(network, known, f"{field}: networks")
        try:
            load_chip(space["hardware"]).dataflow(space["dataflow"])
        except InputError as error:
            raise InputError(f"{field}: {error}") from None


def _check_hardware_spaces(settings: dict[str, Any], where: str) -> None:
    """Checks accelerators, networks, mappers and DRAM of hardware spaces."""
    from codesign.search.registry import METHODS

    known = networks(settings)
    for name, space in settings["hardware_spaces"].items():
        field = f"{where}: hardware_spaces: {name}"
        if "hardware" in space:
            check_file("hardware", space["hardware"], f"{field}: hardware")
            if not load_chip(space["hardware"]).template.has_choice:
                raise InputError(
                    f"{field}: hardware is {space['hardware']!r}, expected one with a template"
                )
        elif "dram_words" not in space:
            raise InputError(
                f"{field} is the space of the baselines, expected a key 'hardware' or 'dram_words'"
            )
        for network in space.get("networks", ()):
            check_model(
                network, known if "hardware" in space else settings["models"], f"{field}: networks"
            )
        if "mapper" in space:
            check_method(space["mapper"], f"{field}: mapper", METHODS)
        if "dram_words" in space:
            chips = [model["baseline"] for model in settings["models"].values()]
            for source in [space["hardware"]] if "hardware" in space else chips:
                check_dram(load_chip(source), f"{field}: dram_words")


def _check_options(settings: dict[str, Any], schema: Schema, result: str, where: str) -> None:
    """Checks in the options of a result what the schema cannot: names of methods and models."""
    options = settings.get(result, {})
    for key, part in schema["properties"].get(result, {}).get("properties", {}).items():
        value = options.get(key)
        if part.get("$ref") == METHOD_REF:
            check_method(value, f"{where}: {key}")
        if part.get("$ref") == METHODS_REF:
            for method in value:
                check_method(method, f"{where}: {key}")
    spaces_of = {"mapping": map_spaces(settings), "hardware": hardware_spaces(settings)}
    for kind, spaces in spaces_of.items():
        known = list(dict.fromkeys(network for found in spaces.values() for network in found))
        for model in options.get(kind, {}).get("models", ()):
            check_model(model, known, f"{where}: {kind}: models")
        for space in options.get(kind, {}).get("spaces", ()):
            check_model(space, spaces, f"{where}: {kind}: spaces")
    check = function_of(result, "options", "check")
    if check is not None:
        check(options, settings, where)


def fill_defaults(settings: dict[str, Any], schema: Schema) -> None:
    """Adds the schema's defaults to `settings`, and sorts fields in the order of the schema.

    Snakemake compares parameters as text, so the order of fields in a config must not matter.
    """
    for name, part in schema.get("properties", {}).items():
        if "default" in part and name not in settings:
            settings[name] = copy.deepcopy(part["default"])
        if isinstance(settings.get(name), dict) and part.get("type") == "object":
            fill_defaults(settings[name], part)
    of_others = schema.get("additionalProperties")
    if isinstance(of_others, dict):
        for name in settings:
            if isinstance(settings[name], dict) and name not in schema.get("properties", {}):
                fill_defaults(settings[name], of_others)
    given = dict(settings)
    settings.clear()
    for name in (*(name for name in schema.get("properties", {}) if name in given), *given):
        settings[name] = given[name]


def _worst(errors: list[jsonschema.ValidationError]) -> jsonschema.ValidationError:
    """The error to report: an unknown key first, since a misspelt key also causes a missing one."""
    order = {"additionalProperties": 0, "required": 1}
    return min(errors, key=lambda e: (order.get(str(e.validator), 2), list(map(str, e.path))))


def explain(error: jsonschema.ValidationError) -> str:
    """A schema error as one sentence: the field, its value, and what was expected."""
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
    """What the schema of a field expects, as a text for a message."""
    if "enum" in schema:
        return f"one of {', '.join(map(str, schema['enum']))}"
    if "pattern" in schema:
        return str(schema.get("title", f"a text like {schema['pattern']}"))
    types = {
        "integer": "a whole number",
        "number": "a number",
        "string": "a text",
        "array": "a list",
        "object": "a mapping",
        "boolean": "true or false",
    }
    words = types.get(str(schema.get("type")), "another value")
    if "minimum" in schema and "maximum" in schema:
        return f"{words} from {schema['minimum']} to {schema['maximum']}"
    if "minimum" in schema:
        return f"{words} of at least {schema['minimum']}"
    return words
