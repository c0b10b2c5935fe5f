"""Smallest well-formed requests, made from the server's own description, so that a refusal is about who asks and not about what."""


def sample_body(description, operation):
    """A JSON body with the required members only; `None` where the route takes none."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else _sample(description, schema)


def sample_query(description, operation):
    """The required query parameters."""
    wanted = [p for p in operation.get("parameters", []) if p["in"] == "query" and p.get("required")]
    return {parameter["name"]: _sample(description, parameter["schema"]) for parameter in wanted}


def _sample(description, schema):
    if "$ref" in schema:
        target = description
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return _sample(description, target)
    for union in ("oneOf", "anyOf"):
        if union in schema:
            return _sample(description, schema[union][0])
    if "allOf" in schema:
        return {key: value for part in schema["allOf"] for key, value in _sample(description, part).items()}
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = next((k for k in kind if k != "null"), "null") if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties", {})
        return {name: _sample(description, properties[name]) for name in schema.get("required", []) if name in properties}
    return {"string": "x", "integer": 1, "number": 1, "boolean": True, "array": [], None: {}}.get(kind)
