/** Shapes of the REST contract. Times are RFC 3339 UTC strings. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined };
export type JsonObject = { [key: string]: Json | undefined };

export type Role = 'admin' | 'marketer' | 'auditor';
export type Scope = 'collect' | 'pull' | 'crm' | 'segments';

export interface Session {
  user: { id: string; email: string; name: string; role: Role };
  csrf_token: string;
  organisation: { name: string };
}

export interface Account {
  id: string;
  email: string;
  name: string;
  role: Role;
  disabled: boolean;
  created_at: string;
  last_seen_at: string | null;
}

export interface ApiKey {
  id: string;
  name: string;
  scopes: Scope[];
  prefix: string;
  created_at: string;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface Watermark {
  /** Entries taken in; every count states it. */
  seq: number;
  /** Entries received so far: more than `seq` while taking in catches up. */
  log_end?: number;
  flushed_at?: string | null;
  flushed_seq?: number;
  taken_in_at?: string | null;
  complete_until?: string | null;
}

export interface Overview {
  organisation: string | { name: string };
  users_known: number;
  events_accepted: number;
  events_anonymous: number;
  segments: number;
  watermark: Watermark;
  oldest_event_at: string | null;
  newest_event_at: string | null;
  sources: number;
  take_in_error?: string | null;
  /** Without a mail server, campaigns can be written but not sent. */
  mail_ready: boolean;
}

export interface TrailEntry {
  id: string | number;
  at: string;
  actor: string;
  actor_kind: string;
  actor_id?: string;
  action: string;
  target_kind: string | null;
  target_id: string | null;
  detail: JsonObject | null;
  /** Chains this entry to the one before it. */
  hash?: string;
}

export interface TrailCheck {
  intact: boolean;
  entries: number;
  head: string;
  fault: string | null;
}

export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Source {
  id: string;
  name: string;
  write_key: string | null;
  created_at: string;
  disabled: boolean;
  received_today: number;
  accepted_today: number;
  duplicate_today: number;
  quarantined_today: number;
  last_event_at: string | null;
}

export interface LedgerCounts {
  received: number;
  accepted: number;
  anonymous: number;
  duplicate: number;
  quarantined: number;
}

export interface LedgerDay extends LedgerCounts {
  day: string;
  source_id?: string;
}

/** A complete day on which collection from a source cannot be relied on. */
export interface UnhealthyDay {
  source_id: string;
  day: string;
  reason: 'silent' | 'quarantined';
  detail: string;
}

export interface Ledger {
  items: LedgerDay[];
  totals: LedgerCounts;
  balanced: boolean;
  unhealthy: UnhealthyDay[];
}

export interface LiveRecord {
  seq: number;
  received_at: string;
  outcome: 'accepted' | 'duplicate' | 'quarantined';
  reason?: string | null;
  type: string | null;
  name: string | null;
  user_id: string | null;
  message_id: string | null;
  raw: Json;
  /** `raw` is a text with only the beginning of the message. */
  raw_cut?: boolean;
}

export interface QuarantinedRecord {
  seq: number;
  source_id: string;
  received_at: string;
  reason: string;
  detail: string | null;
  raw: string;
}

export type ValueType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'datetime'
  | 'date'
  | 'list<string>'
  | 'list<number>'
  | 'object';

export interface SchemaField {
  path: string;
  type: ValueType;
  declared: boolean;
}

export interface SchemaEvent {
  name: string;
  count: number;
  last_seen_at: string | null;
  properties: SchemaField[];
}

export interface Schema {
  events: SchemaEvent[];
  traits: SchemaField[];
}

export interface SchemaValues {
  items: { value: Json; users: number }[];
  distinct: number;
}

export interface Import {
  id: string;
  name: string;
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  rows_total?: number | null;
  rows_read: number;
  accepted: number;
  duplicate: number;
  quarantined: number;
  bytes_read: number;
  bytes_total: number | null;
  error?: string | null;
  started_at: string | null;
  finished_at: string | null;
}

export interface Freshness {
  state: 'fresh' | 'stale' | 'building' | 'failing';
  checked_at: string | null;
  error?: string | null;
}

export interface LatestBuild {
  build_id: string;
  count: number;
  digest: string;
  instant: string;
  watermark_seq: number;
  population: number;
  cost_ms: number;
  previous_count?: number | null;
  change?: number | null;
}

export interface Person {
  id: string;
  name: string;
}

export interface Segment {
  id: string;
  name: string;
  description: string | null;
  owner: Person | null;
  version: number;
  rule: JsonObject;
  words?: string | null;
  created_at: string;
  updated_at: string;
  trashed_at?: string | null;
  latest: LatestBuild | null;
  freshness: Freshness;
  sparkline?: number[];
}

export interface SegmentDraft {
  name: string;
  description?: string;
  rule: JsonObject;
  if_version?: number;
}

export interface SegmentVersion {
  version: number;
  name: string;
  description: string | null;
  rule: JsonObject;
  author: Person | null;
  words?: string | null;
  created_at: string;
}

export interface RuleFault {
  pointer: string;
  code: string;
  detail: string;
  /** Where in a rule's text form. */
  text?: { line: number; column: number; offset: number; length: number };
}

/** One rule as JSON, as text that reads back to it, and in words. */
export interface RuleForms {
  rule: JsonObject;
  text: string | null;
  words: { en: string; fr: string };
}

/** The rule reference: what every word of the rule language means. */
export interface RuleReference {
  sections: ReferenceSection[];
}

export interface ReferenceSection {
  id: string;
  title: string;
  lead: string;
  rows: ReferenceRow[];
}

export interface ReferenceRow {
  name: string;
  title: string | null;
  means: string;
  boundary: string | null;
  facts: { label: string; text: string }[];
  fields: { of: string | null; name: string; means: string }[];
  example: (RuleForms & { given: { pointer: string; code: string; detail: string }[] }) | null;
}

/** Rows of what values of the linked properties and traits name, such as programmes with their seasons. */
export interface Catalogue {
  id: string;
  name: string;
  links: string[];
}

export interface Preview {
  count: number;
  population: number;
  nodes: { pointer: string; count: number }[];
  warnings: RuleFault[];
  instant: string;
  watermark_seq: number;
  events: number;
  oldest_event_at: string | null;
  elapsed_ms: number;
}

export interface Build {
  id: string;
  segment_id: string;
  segment_version: number;
  instant: string;
  watermark_seq: number;
  count: number;
  digest: string;
  population: number;
  added: number | null;
  removed: number | null;
  cost_ms: number;
  created_at: string;
  rule: JsonObject;
}

export interface HistoryPoint {
  at: string;
  count: number;
  version: number;
  build_id: string;
}

export interface Members extends Page<{ user_id: string; traits?: JsonObject | null }> {
  count: number;
  build_id: string;
  pseudonymous: boolean;
}

export interface Recount {
  id: string;
  segment_id: string;
  build_id: string;
  state: 'queued' | 'running' | 'done' | 'failed';
  instant: string;
  watermark_seq: number;
  engine: { count: number; digest: string };
  lake?: { count: number; digest: string } | null;
  agree?: boolean | null;
  only_engine?: string[];
  only_lake?: string[];
  only_engine_count?: number | null;
  only_lake_count?: number | null;
  cost_ms?: number | null;
  requested_by: string | Person | null;
  created_at: string;
  finished_at?: string | null;
  error?: string | null;
}

export type Purpose = 'ads' | 'email';
export type ListFormat = 'csv' | 'ndjson' | 'parquet' | 'roaring';

export interface WaterfallStep {
  name: string;
  count?: number;
  dropped?: number;
}

export interface Waterfall {
  build_id?: string;
  steps: WaterfallStep[];
}

export interface UserList {
  id: string;
  name: string;
  version: number;
  count: number;
  known: number;
  unknown: number;
  /** A few of the unknown ids; nothing for whoever may not see ids. */
  unknown_sample: string[];
  created_at: string;
  updated_at: string;
}

export interface CampaignReport {
  matched: number;
  no_consent: number;
  suppressed: number;
  no_address: number;
  duplicate_address: number;
  queued: number;
  sending: number;
  sent: number;
  failed: number;
  unknown: number;
  unsubscribed: number;
}

export type CampaignState = 'draft' | 'sending' | 'paused' | 'done' | 'failed' | 'cancelled';

export interface CampaignDraft {
  name: string;
  segment_id: string;
  subject: string;
  body_format: 'mjml' | 'html';
  body: string;
  from_name: string;
  from_address: string;
}

export interface Campaign extends CampaignDraft {
  id: string;
  state: CampaignState;
  error?: string | null;
  build_id?: string | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  report: CampaignReport | null;
}

export interface CampaignPreview {
  subject: string;
  html: string;
  text: string;
  errors: { message: string; line?: number | null }[];
  sample_user: string | null;
  /** Names that the template uses and the user has not. */
  missing: string[];
  /** What mail programs will not like, in sentences. */
  warnings: string[];
}

export interface Recipient {
  user_id: string;
  state: string;
  detail: string | null;
  at: string | null;
}

export interface Lookup {
  user_id: string;
  segments: string[];
  watermark_seq: number;
}
