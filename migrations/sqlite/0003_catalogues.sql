-- Catalogues: rows of attributes that values of linked properties and traits are keys of.
CREATE TABLE catalogues (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    links TEXT NOT NULL,
    declared TEXT NOT NULL,
    version BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- No foreign key: builds of the past are recounted with the rows of catalogues that are gone.
CREATE TABLE catalogue_versions (
    catalogue_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    content BLOB NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (catalogue_id, version)
);
