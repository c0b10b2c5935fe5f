-- Entries of the trail name their actor by id too, and the format they were sealed in. A failing check is a text, no count.
ALTER TABLE audit_trail ADD COLUMN format BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_trail ADD COLUMN actor_id TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE segments DROP COLUMN check_watermark;
ALTER TABLE segments DROP COLUMN check_failed_at;
ALTER TABLE segments DROP COLUMN check_failures;
