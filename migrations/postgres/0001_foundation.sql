-- Both dialects hold the same tables: a test of rollcall-store compares the two files up to the last section.
-- Times are microseconds since 1970 UTC, days are days since 1970-01-01, truth values are 0 or 1, JSON is text.

CREATE TABLE store_locks (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    held BIGINT NOT NULL
);
INSERT INTO store_locks (name, held) VALUES ('accounts', 0), ('references', 0);

CREATE TABLE settings (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    disabled BIGINT NOT NULL DEFAULT 0,
    session_epoch BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT
);
CREATE UNIQUE INDEX accounts_email_key ON accounts (email);

CREATE TABLE api_keys (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    prefix TEXT COLLATE "C" NOT NULL,
    hash BYTEA NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE UNIQUE INDEX api_keys_hash_key ON api_keys (hash);

CREATE TABLE sources (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    write_key TEXT COLLATE "C" NOT NULL,
    disabled BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX sources_write_key_key ON sources (write_key);

-- No foreign key to sources: no count may be lost for want of one.
CREATE TABLE ledger (
    source_id TEXT COLLATE "C" NOT NULL,
    day BIGINT NOT NULL,
    received BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    anonymous BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    last_received_at BIGINT NOT NULL,
    PRIMARY KEY (source_id, day),
    CONSTRAINT ledger_balanced CHECK (received = accepted + duplicate + quarantined AND anonymous <= accepted)
);
CREATE INDEX ledger_day ON ledger (day);

CREATE TABLE take_in_checkpoint (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    taken_in_at BIGINT
);
INSERT INTO take_in_checkpoint (id, seq) VALUES (1, 0);

CREATE TABLE flush_plan (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    to_seq BIGINT NOT NULL,
    taken_in_at BIGINT NOT NULL,
    deltas TEXT COLLATE "C" NOT NULL,
    schema_document TEXT COLLATE "C" NOT NULL
);

CREATE TABLE schema_registry (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    document TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL
);

-- build_number is the number of the latest build.
CREATE TABLE segments (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    search_text TEXT COLLATE "C" NOT NULL,
    owner_id TEXT COLLATE "C" REFERENCES accounts (id),
    version BIGINT NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    trashed_at BIGINT,
    build_number BIGINT NOT NULL DEFAULT 0,
    checked_at BIGINT,
    check_watermark BIGINT,
    check_error TEXT COLLATE "C",
    check_failed_at BIGINT,
    check_failures BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE segment_versions (
    segment_id TEXT COLLATE "C" NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    rule TEXT COLLATE "C" NOT NULL,
    author_id TEXT COLLATE "C" REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (segment_id, version)
);

-- target_kind is segment or list. No foreign key to the target: old versions outlive what they refer to.
CREATE TABLE segment_references (
    segment_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    target_kind TEXT COLLATE "C" NOT NULL,
    target_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (segment_id, version, target_kind, target_id),
    FOREIGN KEY (segment_id, version) REFERENCES segment_versions (segment_id, version) ON DELETE CASCADE
);
CREATE INDEX segment_references_target ON segment_references (target_kind, target_id);

CREATE TABLE builds (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    segment_id TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    segment_version BIGINT NOT NULL,
    instant BIGINT NOT NULL,
    watermark_seq BIGINT NOT NULL,
    member_count BIGINT NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    population BIGINT NOT NULL,
    events BIGINT NOT NULL,
    added BIGINT NOT NULL,
    removed BIGINT NOT NULL,
    inputs TEXT COLLATE "C" NOT NULL,
    cost_ms BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (segment_id, segment_version) REFERENCES segment_versions (segment_id, version) ON DELETE CASCADE
);
CREATE UNIQUE INDEX builds_number_key ON builds (segment_id, number);
CREATE INDEX builds_version ON builds (segment_id, segment_version);
CREATE INDEX builds_instant ON builds (segment_id, instant);

-- Either base, or added and removed against the build before.
CREATE TABLE build_members (
    build_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES builds (id) ON DELETE CASCADE,
    base BYTEA,
    added BYTEA,
    removed BYTEA,
    CONSTRAINT build_members_shape CHECK ((base IS NULL) = (added IS NOT NULL) AND (base IS NULL) = (removed IS NOT NULL))
);

CREATE TABLE segment_days (
    segment_id TEXT COLLATE "C" NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
    day BIGINT NOT NULL,
    member_count BIGINT NOT NULL,
    build_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (segment_id, day)
);

CREATE TABLE lists (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    member_count BIGINT NOT NULL,
    known BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE list_versions (
    list_id TEXT COLLATE "C" NOT NULL REFERENCES lists (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    member_count BIGINT NOT NULL,
    known BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (list_id, version)
);

-- No foreign keys to segment and build: what was sent stays on record when they are gone.
CREATE TABLE campaigns (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    segment_id TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    body_format TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    from_name TEXT COLLATE "C" NOT NULL,
    from_address TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    build_id TEXT COLLATE "C",
    matched BIGINT,
    no_consent BIGINT,
    suppressed BIGINT,
    no_address BIGINT,
    duplicate_address BIGINT,
    error TEXT COLLATE "C",
    created_by TEXT COLLATE "C" REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX campaigns_state ON campaigns (state);

CREATE TABLE recipients (
    campaign_id TEXT COLLATE "C" NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE,
    user_id TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    address_hash TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL DEFAULT 'queued',
    attempts BIGINT NOT NULL DEFAULT 0,
    detail TEXT COLLATE "C",
    updated_at BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, user_id)
);
CREATE UNIQUE INDEX recipients_address_key ON recipients (campaign_id, address_hash);
CREATE INDEX recipients_waiting ON recipients (campaign_id, not_before, user_id) WHERE state = 'queued';
CREATE INDEX recipients_in_flight ON recipients (campaign_id, user_id) WHERE state = 'sending';

CREATE TABLE suppressions (
    purpose TEXT COLLATE "C" NOT NULL,
    user_id TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    campaign_id TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    PRIMARY KEY (purpose, user_id)
);
CREATE INDEX suppressions_campaign ON suppressions (campaign_id);

CREATE TABLE imports (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    source_id TEXT COLLATE "C" NOT NULL REFERENCES sources (id),
    name TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C" NOT NULL,
    compression TEXT COLLATE "C" NOT NULL,
    mapping TEXT COLLATE "C",
    spool_path TEXT COLLATE "C" NOT NULL,
    file_digest TEXT COLLATE "C" NOT NULL,
    bytes_total BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    rows_total BIGINT,
    rows_read BIGINT NOT NULL DEFAULT 0,
    accepted BIGINT NOT NULL DEFAULT 0,
    duplicate BIGINT NOT NULL DEFAULT 0,
    quarantined BIGINT NOT NULL DEFAULT 0,
    bytes_read BIGINT NOT NULL DEFAULT 0,
    error TEXT COLLATE "C",
    created_by TEXT COLLATE "C" REFERENCES accounts (id),
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX imports_state ON imports (state);

CREATE TABLE recounts (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    build_id TEXT COLLATE "C" NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    state TEXT COLLATE "C" NOT NULL,
    lake_count BIGINT,
    lake_digest TEXT COLLATE "C",
    agree BIGINT,
    only_engine TEXT COLLATE "C",
    only_lake TEXT COLLATE "C",
    only_engine_count BIGINT,
    only_lake_count BIGINT,
    cost_ms BIGINT,
    error TEXT COLLATE "C",
    requested_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE INDEX recounts_build ON recounts (build_id);
CREATE INDEX recounts_state ON recounts (state);
CREATE INDEX recounts_created ON recounts (created_at);

CREATE TABLE jobs (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    progress TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    run_after BIGINT NOT NULL,
    lease_until BIGINT,
    error TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT
);
CREATE UNIQUE INDEX jobs_active_key ON jobs (kind, key) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_waiting ON jobs (run_after, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_finished ON jobs (finished_at);

CREATE TABLE audit_trail (
    id BIGINT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    actor_kind TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    target_kind TEXT COLLATE "C" NOT NULL,
    target_id TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    previous_hash BYTEA NOT NULL,
    hash BYTEA NOT NULL
);

-- The last entry's id and hash, kept apart so that a cut tail shows.
CREATE TABLE audit_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    last_id BIGINT NOT NULL,
    hash BYTEA NOT NULL
);

-- Only in this dialect.
INSERT INTO audit_head (id, last_id, hash) VALUES (1, 0, decode(repeat('00', 32), 'hex'));

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_trail_append_only';
END
$$;

CREATE TRIGGER audit_trail_no_update BEFORE UPDATE OR DELETE ON audit_trail
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();

CREATE TRIGGER audit_trail_no_truncate BEFORE TRUNCATE ON audit_trail
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
