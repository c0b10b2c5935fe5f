-- Catalogues: rows of attributes that values of linked properties and traits are keys of.
CREATE TABLE catalogues (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    links TEXT COLLATE "C" NOT NULL,
    declared TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- No foreign key: builds of the past are recounted with the rows of catalogues that are gone.
CREATE TABLE catalogue_versions (
    catalogue_id TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    content BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (catalogue_id, version)
);
