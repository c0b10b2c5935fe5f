"""Who may do what: one row per route. A route of the server without a row fails the test, and so does a row without a route.

A row names who is let in; everybody else is turned away: 401 if nobody is there, 403 if somebody is.
"""

EVERYONE = {"anonymous", "admin", "marketer", "auditor", "collect", "pull", "crm", "segments"}
PEOPLE = {"admin", "marketer", "auditor"}
WRITERS = {"admin", "marketer"}
ADMIN = {"admin"}
READERS = PEOPLE | {"pull", "crm", "segments"}
RULE_WRITERS = PEOPLE | {"segments"}
SEGMENT_WRITERS = WRITERS | {"segments"}
PULL_CRM = WRITERS | {"pull", "crm"}

# The tracking routes have keys of their own (test_tracking.py) and are asked nothing here.
TRACKING = "/v1/"

ACCESS = {
    "GET /healthz": EVERYONE,
    "GET /readyz": EVERYONE,
    "GET /docs": EVERYONE,
    "GET /openapi.json": EVERYONE,
    "GET /u/{token}": EVERYONE,
    "POST /u/{token}": EVERYONE,

    "POST /api/v1/session": EVERYONE,
    "GET /api/v1/session": PEOPLE,
    "DELETE /api/v1/session": PEOPLE,
    "PUT /api/v1/session/password": PEOPLE,

    "GET /api/v1/users": ADMIN,
    "POST /api/v1/users": ADMIN,
    "PATCH /api/v1/users/{id}": ADMIN,
    "GET /api/v1/api-keys": ADMIN,
    "POST /api/v1/api-keys": ADMIN,
    "DELETE /api/v1/api-keys/{id}": ADMIN,
    "GET /api/v1/overview": PEOPLE,
    "GET /api/v1/audit-trail": {"admin", "auditor"},
    "GET /api/v1/audit-trail/check": {"admin", "auditor"},
    "GET /api/v1/live": PEOPLE,

    "GET /api/v1/sources": PEOPLE,
    "POST /api/v1/sources": ADMIN,
    "PATCH /api/v1/sources/{id}": ADMIN,
    "POST /api/v1/sources/{id}/rotate-key": ADMIN,
    "GET /api/v1/sources/{id}/ledger": PEOPLE,
    "GET /api/v1/sources/{id}/live": PEOPLE,
    "GET /api/v1/sources/{id}/recent": PEOPLE,
    "GET /api/v1/ledger": PEOPLE,
    "GET /api/v1/quarantine": WRITERS,
    "GET /api/v1/schema": PEOPLE,
    "PUT /api/v1/schema": ADMIN,
    "GET /api/v1/schema/values": WRITERS,

    "POST /api/v1/imports": {"admin", "collect"},
    "GET /api/v1/imports": WRITERS | {"collect"},
    "GET /api/v1/imports/{id}": WRITERS | {"collect"},
    "POST /api/v1/imports/{id}/cancel": {"admin", "collect"},

    "GET /api/v1/segments": READERS,
    "POST /api/v1/segments": SEGMENT_WRITERS,
    "GET /api/v1/segments/{id}": READERS,
    "PUT /api/v1/segments/{id}": SEGMENT_WRITERS,
    "DELETE /api/v1/segments/{id}": SEGMENT_WRITERS,
    "POST /api/v1/segments/{id}/restore": SEGMENT_WRITERS,
    "DELETE /api/v1/trash": ADMIN,
    "GET /api/v1/segments/{id}/versions": READERS,
    "POST /api/v1/rules/explain": WRITERS,
    "POST /api/v1/rules/forms": RULE_WRITERS,
    "POST /api/v1/rules/preview": SEGMENT_WRITERS,
    "POST /api/v1/rules/validate": RULE_WRITERS,
    "GET /api/v1/rules/reference": RULE_WRITERS,
    "POST /api/v1/segments/{id}/builds": SEGMENT_WRITERS,
    "GET /api/v1/segments/{id}/builds": READERS,
    "GET /api/v1/segments/{id}/history": READERS,
    "GET /api/v1/segments/{id}/members": PEOPLE,
    "POST /api/v1/segments/{id}/recount": PEOPLE,
    "GET /api/v1/recounts": PEOPLE,
    "GET /api/v1/recounts/{id}": PEOPLE,

    "GET /api/v1/segments/{id}/delta": PULL_CRM,
    "GET /api/v1/segments/{id}/list": PULL_CRM,
    "GET /api/v1/segments/{id}/waterfall": READERS,
    "GET /api/v1/map/users": PULL_CRM,
    "GET /api/v1/map/segments": PULL_CRM,
    "GET /api/v1/lookup/{user_id}": PULL_CRM,
    "POST /api/v1/lookup": PULL_CRM,

    "GET /api/v1/lists": PEOPLE,
    "POST /api/v1/lists": WRITERS,
    "PUT /api/v1/lists/{id}": WRITERS,
    "POST /api/v1/lists/{id}/append": WRITERS,
    "DELETE /api/v1/lists/{id}": WRITERS,
    "GET /api/v1/lists/{id}/unknown": WRITERS,

    "GET /api/v1/catalogues": PEOPLE,
    "POST /api/v1/catalogues": WRITERS,
    "GET /api/v1/catalogues/{id}": PEOPLE,
    "PATCH /api/v1/catalogues/{id}": WRITERS,
    "DELETE /api/v1/catalogues/{id}": WRITERS,
    "GET /api/v1/catalogues/{id}/rows": PEOPLE,
    "PUT /api/v1/catalogues/{id}/rows": WRITERS | {"collect"},
    "POST /api/v1/catalogues/{id}/rows": WRITERS | {"collect"},

    "GET /api/v1/campaigns": PEOPLE | {"crm"},
    "POST /api/v1/campaigns": WRITERS,
    "GET /api/v1/campaigns/{id}": PEOPLE | {"crm"},
    "PUT /api/v1/campaigns/{id}": WRITERS,
    "DELETE /api/v1/campaigns/{id}": WRITERS,
    "POST /api/v1/campaigns/preview": WRITERS,
    "POST /api/v1/campaigns/{id}/test": WRITERS,
    "POST /api/v1/campaigns/{id}/send": WRITERS | {"crm"},
    "POST /api/v1/campaigns/{id}/pause": WRITERS | {"crm"},
    "POST /api/v1/campaigns/{id}/cancel": WRITERS | {"crm"},
    "POST /api/v1/campaigns/{id}/resume": WRITERS | {"crm"},
    "GET /api/v1/campaigns/{id}/waterfall": PEOPLE | {"crm"},
    "GET /api/v1/campaigns/{id}/recipients": PEOPLE | {"crm"},
}

# What a route needs in its query before it looks at anything else.
QUERY = {
    "GET /api/v1/segments/{id}/delta": {"since": "x"},
    "GET /api/v1/schema/values": {"trait": "x"},
}


def purpose(who):
    """Each key may ask for one purpose; people for both."""
    return "email" if who == "crm" else "ads"
