// A stand-in for the real server, for development and screenshots only: plausible data, no logic worth trusting.
// node dev/mock-server.mjs [port]; sign in as admin@, marketer@ or auditor@example.org with any password but "wrong".
import { createServer } from 'node:http';

const port = Number(process.argv[2] ?? 8080);
const population = 100_000;
const now = () => new Date().toISOString();
const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString();
const hash = (text) => [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) >>> 0, 7);
const digest = (text) => `sha256:${Array.from({ length: 8 }, (_, i) => hash(text + i).toString(16).padStart(8, '0')).join('')}`;
let seq = 2_014_551;
let role = process.env.ROLE ?? null;

const field = (path, type, declared = false) => ({ path, type, declared });
const schema = {
  events: [
    { name: 'video_view', count: 1_604_212, last_seen_at: now(), properties: [field('programme', 'string', true), field('genre', 'string'), field('seconds', 'number'), field('device', 'string'), field('live', 'boolean')] },
    { name: 'login', count: 301_120, last_seen_at: now(), properties: [field('device', 'string'), field('method', 'string')] },
    { name: 'newsletter_open', count: 80_414, last_seen_at: ago(0.2), properties: [field('campaign', 'string'), field('at', 'datetime')] },
    { name: 'purchase', count: 28_805, last_seen_at: ago(0.1), properties: [field('amount', 'number', true), field('currency', 'string'), field('products', 'list<string>')] },
  ],
  traits: [field('gender', 'string', true), field('age', 'number', true), field('city', 'string'), field('plan', 'string'), field('birthday', 'date'), field('signed_up_at', 'datetime'), field('interests', 'list<string>'), field('vip', 'boolean'), field('email', 'string'), field('address', 'object')],
};
const values = {
  gender: ['F', 'M', 'X'], city: ['Paris', 'Lyon', 'Marseille', 'Nantes', 'Lille'], plan: ['free', 'plus', 'family'],
  programme: ['NCIS', 'Dr House', 'Top Chef', 'Koh-Lanta'], genre: ['Drama', 'Comedy', 'Sport', 'News'], device: ['tv', 'phone', 'web'],
  interests: ['football', 'cooking', 'cinema'], campaign: ['spring', 'autumn'], currency: ['EUR'], method: ['password', 'sso'], products: ['dvd', 'mug'],
};
const women = { all: [{ trait: 'gender', op: 'eq', value: 'F' }, { trait: 'age', op: 'between', value: [25, 49] }, { event: 'video_view', where: [{ property: 'programme', op: 'in', value: ['NCIS', 'Dr House'] }], window: { last: '90d' }, op: 'gte', value: 3 }, { not: { any: [{ list: 'staff' }, { event: 'login', window: { last: '30d' }, op: 'eq', value: 0 }] } }], tz: 'Europe/Paris' };
const rules = [women, { all: [{ event: 'purchase', agg: 'sum', of: 'amount', op: 'gte', value: 100, window: { calendar: 'this_year' } }] }, { trait: 'plan', op: 'neq', value: 'free' }, { all: [{ trait: 'vip', op: 'eq', value: true }, { sequence: [{ event: 'login' }, { event: 'purchase', within: '1d' }], window: { last: '30d' } }] }];
const admin = { id: 'u1', name: 'Claire Martin' };
const segment = (id, name, count, change, rule, more = {}) => ({
  id, name, description: '', owner: admin, version: 3, rule, words: "gender is F, and did video_view at least 3 times", created_at: ago(200), updated_at: ago(hash(id) % 40),
  latest: { build_id: `b-${id}`, count, digest: digest(id), instant: ago(0.0004), watermark_seq: seq, population, cost_ms: 38, previous_count: count - change, change },
  freshness: { state: 'fresh', checked_at: now() },
  sparkline: Array.from({ length: 30 }, (_, i) => Math.round(count - (change * (29 - i)) / 2 + ((hash(id + i) % 100) - 50) * (count / 4000))), ...more,
});
const segments = [
  segment('s1', 'Women 25–49, weekly drama viewers', 12_345, 214, women, { description: 'Prime-time drama campaign, autumn' }),
  segment('s2', 'High-value shoppers', 4_018, -37, rules[1], { owner: { id: 'u2', name: 'Nadia Benali' } }),
  segment('s3', 'Paying subscribers', 38_771, 0, rules[2], { freshness: { state: 'stale', checked_at: ago(0.1), error: 'Waiting for yesterday’s files' } }),
  segment('s4', 'VIPs who buy right after login', 212, 5, rules[3], { freshness: { state: 'building', checked_at: now() } }),
  segment('s5', 'Lapsed sports viewers', 9_404, -1_204, rules[0], { owner: { id: 'u2', name: 'Nadia Benali' }, freshness: { state: 'failing', checked_at: ago(0.3), error: 'List “season-2024” was deleted' } }),
  segment('s6', 'Newsletter readers, Lyon', 1_907, 62, rules[2]),
];
const trashed = [segment('s9', 'Test do not use', 100_000, 0, { everyone: true }, { trashed_at: ago(3) })];
const sources = [
  { id: 'web', name: 'Web site', write_key: 'wk_4f1c0d2b9a7e', created_at: ago(300), disabled: false, received_today: 48_211, accepted_today: 47_900, duplicate_today: 288, quarantined_today: 23, last_event_at: now() },
  { id: 'app', name: 'Mobile app', write_key: 'wk_9911aa00bb22', created_at: ago(200), disabled: false, received_today: 20_114, accepted_today: 20_114, duplicate_today: 0, quarantined_today: 0, last_event_at: now() },
  { id: 'crm', name: 'CRM export', write_key: 'wk_77', created_at: ago(90), disabled: true, received_today: 0, accepted_today: 0, duplicate_today: 0, quarantined_today: 0, last_event_at: ago(12) },
];
const lists = [{ id: 'staff', name: 'Staff', version: 4, count: 412, known: 377, unknown: 35, unknown_sample: ['s-100', 's-101'], created_at: ago(20), updated_at: ago(2) }, { id: 'contest', name: 'Contest 2026', version: 1, count: 9_120, known: 9_001, unknown: 119, unknown_sample: ['c-1'], created_at: ago(5), updated_at: ago(5) }];
const report = { matched: 12_345, no_consent: 2_210, suppressed: 130, no_address: 402, duplicate_address: 18, queued: 3_200, sending: 50, sent: 6_300, failed: 20, unknown: 3, unsubscribed: 12 };
const mail = { segment_id: 's1', subject: 'The new season starts tonight', body_format: 'mjml', body: '<mjml><mj-body><mj-section><mj-column><mj-text>Hello</mj-text></mj-column></mj-section></mj-body></mjml>', from_name: 'Channel One', from_address: 'news@example.org' };
const campaigns = [
  { id: 'c1', name: 'Autumn drama launch', ...mail, state: 'sending', created_at: ago(2), started_at: ago(0.02), finished_at: null, report },
  { id: 'c2', name: 'Win-back offer', ...mail, state: 'draft', created_at: ago(1), started_at: null, finished_at: null, report: null },
];
const recount = (id, state, agree) => ({ id, segment_id: 's1', build_id: 'b-s1', state, instant: ago(0.2), watermark_seq: seq, engine: { count: 12_345, digest: digest('s1') }, lake: state === 'done' ? { count: agree ? 12_345 : 12_343, digest: digest(agree ? 's1' : 'x') } : null, agree: state === 'done' ? agree : null, only_engine: agree ? [] : ['u-100', 'u-22', 'u-31'], only_lake: agree ? [] : ['u-7'], only_engine_count: agree ? 0 : 3, only_lake_count: agree ? 0 : 1, cost_ms: 5_120, requested_by: 'Paul Auditor', created_at: ago(0.2), finished_at: state === 'done' ? ago(0.19) : null });
const recounts = [recount('r1', 'done', true), recount('r2', 'done', false), recount('r3', 'running', null)];
const imports = [{ id: 'i1', name: 'history-2024.ndjson.gz', state: 'running', rows_read: 1_210_000, accepted: 1_200_311, duplicate: 9_640, quarantined: 49, bytes_read: 310e6, bytes_total: 720e6, started_at: ago(0.01), finished_at: null }, { id: 'i2', name: 'profiles.csv', state: 'done', rows_read: 100_000, accepted: 100_000, duplicate: 0, quarantined: 0, bytes_read: 21e6, bytes_total: 21e6, started_at: ago(2), finished_at: ago(2) }, { id: 'i3', name: 'broken.parquet', state: 'failed', rows_read: 0, accepted: 0, duplicate: 0, quarantined: 0, bytes_read: 0, bytes_total: 4e6, error: 'The file is not Parquet', started_at: ago(4), finished_at: ago(4) }];
const ledgerDays = (days, id) => Array.from({ length: Math.min(days, 60) }, (_, i) => { const received = 40_000 + (hash(id + i) % 20_000); const duplicate = hash(`d${i}`) % 600; const quarantined = i % 4 === 0 ? hash(`q${i}`) % 60 : 0; return { day: ago(i).slice(0, 10), received, accepted: received - duplicate - quarantined, anonymous: 1_200, duplicate, quarantined, source_id: id }; });
const sum = (items) => items.reduce((t, d) => { for (const k of Object.keys(t)) t[k] += d[k]; return t; }, { received: 0, accepted: 0, anonymous: 0, duplicate: 0, quarantined: 0 });
const waterfall = (purpose) => [{ name: 'matched', count: 12_345 }, { name: 'no_consent', dropped: 2_210 }, { name: 'suppressed', dropped: 130 }, ...(purpose === 'email' ? [{ name: 'no_address', dropped: 402 }] : []), { name: 'deliverable', count: purpose === 'email' ? 9_603 : 10_005 }];
const who = () => ({ user: { id: 'u1', email: `${role}@example.org`, name: { admin: 'Claire Martin', marketer: 'Nadia Benali', auditor: 'Paul Auditor' }[role], role }, csrf_token: 'csrf', organisation: { name: 'Channel One' } });
const record = () => { seq += 1; const event = schema.events[seq % 4]; const outcome = seq % 11 === 0 ? 'quarantined' : seq % 7 === 0 ? 'duplicate' : 'accepted'; const user = `user-${hash(String(seq)) % population}`; return { seq, received_at: now(), outcome, reason: outcome === 'quarantined' ? 'wrong_type: properties.seconds is a text, expected a number' : undefined, type: 'track', name: event.name, user_id: user, message_id: `m-${hash(`m${seq}`).toString(16)}`, raw: { type: 'track', event: event.name, userId: user, properties: { programme: 'NCIS', seconds: 1_320 }, context: { library: { name: 'analytics-node', version: '3.1.0' } } } }; };

class Refusal extends Error { constructor(status, body) { super(body.title); this.status = status; this.body = body; } }
const problem = (status, code, title, detail = '', errors) => new Refusal(status, { type: 'about:blank', title, status, code, detail, instance: 'req-0001', errors });

/** Deterministic made-up sizes that at least respect the algebra's bounds. */
function evaluate(rule) {
  const nodes = [];
  const errors = [];
  const warnings = [];
  const walk = (node, pointer) => {
    let share;
    if (node.all || node.any) {
      const key = node.all ? 'all' : 'any';
      const parts = node[key].map((child, i) => walk(child, `${pointer}/${key}/${i}`));
      share = node.all ? parts.reduce((a, b) => a * b, 1) : 1 - parts.reduce((a, b) => a * (1 - b), 1);
    } else if (node.not) share = 1 - walk(node.not, `${pointer}/not`);
    else if (node.everyone) share = 1;
    else {
      if (node.op === 'regex' && /[([]$/.test(String(node.value))) errors.push({ pointer: `${pointer}/value`, code: 'bad_regex', detail: 'The pattern does not compile: unclosed group.' });
      if (node.trait === 'age' && typeof node.value === 'string') errors.push({ pointer: `${pointer}/value`, code: 'wrong_type', detail: 'age is a number, but the value is a text.' });
      if (node.trait && !schema.traits.some((t) => t.path === node.trait)) warnings.push({ pointer: `${pointer}/trait`, code: 'never_seen', detail: `No user has ever had the trait “${node.trait}”.` });
      share = 0.08 + (hash(JSON.stringify({ ...node, label: undefined })) % 800) / 1000;
    }
    nodes.push({ pointer, count: Math.round(share * population) });
    return share;
  };
  const share = walk(rule, '');
  if (errors.length) throw problem(422, 'invalid_rule', 'The rule cannot be evaluated', 'Some lines have faults.', errors);
  return { count: Math.round(share * population), population, nodes, warnings, instant: now(), watermark_seq: seq, events: 2_014_551, oldest_event_at: '2023-01-04T00:00:00Z', elapsed_ms: 12 + (seq % 30) };
}

const named = (list, id) => list.find((item) => item.id === id) ?? (() => { throw problem(404, 'not_found', 'There is nothing with this id'); })();
const page = (items) => ({ items, next_cursor: null });

const routes = [
  ['POST', /^\/session$/, (_m, _q, body) => { if (body.password === 'wrong') throw problem(401, 'invalid_credentials', 'E-mail or password is wrong', 'Check both and try again.'); role = body.email.split('@')[0]; if (!['admin', 'marketer', 'auditor'].includes(role)) role = 'admin'; return who(); }],
  ['GET', /^\/session$/, () => { if (!role) throw problem(401, 'not_signed_in', 'Nobody is signed in'); return who(); }],
  ['DELETE', /^\/session$/, () => { role = null; }],
  ['GET', /^\/overview$/, () => ({ organisation: 'Channel One', mail_ready: true, users_known: population, events_accepted: 2_014_551, events_anonymous: 31_004, segments: segments.length, watermark: { seq, log_end: seq, flushed_at: now(), flushed_seq: seq - 900 }, oldest_event_at: '2023-01-04T00:00:00Z', newest_event_at: now(), sources: 3 })],
  ['GET', /^\/segments$/, (_m, q) => page((q.get('trashed') === 'true' ? trashed : segments).filter((s) => s.name.toLowerCase().includes((q.get('q') ?? '').toLowerCase())))],
  ['POST', /^\/segments$/, (_m, _q, body) => { const made = segment(`s${segments.length + 20}`, body.name, evaluate(body.rule).count, 0, body.rule, { version: 1 }); segments.push(made); return made; }],
  ['GET', /^\/segments\/([^/]+)$/, ([id]) => named([...segments, ...trashed], id)],
  ['PUT', /^\/segments\/([^/]+)$/, ([id], _q, body) => { const s = named(segments, id); return Object.assign(s, { name: body.name, description: body.description, rule: body.rule, version: s.version + 1 }); }],
  ['GET', /^\/segments\/([^/]+)\/versions$/, ([id]) => { const s = named(segments, id); return page([3, 2, 1].map((version) => ({ version, name: s.name, description: s.description, rule: rules[(3 - version) % rules.length], author: admin, created_at: ago((4 - version) * 9) }))); }],
  ['GET', /^\/segments\/([^/]+)\/history$/, ([id]) => { const s = named(segments, id); return { points: s.sparkline.map((count, i) => ({ at: ago(29 - i), count, version: i < 12 ? 2 : 3, build_id: `b${i}` })) }; }],
  ['GET', /^\/segments\/([^/]+)\/builds$/, ([id]) => { const s = named(segments, id); return page(s.sparkline.toReversed().slice(0, 12).map((count, i) => ({ id: `b${i}`, segment_id: id, segment_version: i > 6 ? 2 : 3, instant: ago(i), watermark_seq: seq - i * 40_000, count, digest: digest(id + i), population, added: 120 + (hash(`a${i}`) % 300), removed: hash(`r${i}`) % 280, cost_ms: 30 + i, created_at: ago(i), rule: s.rule }))); }],
  ['POST', /^\/segments\/([^/]+)\/builds$/, ([id]) => ({ id: 'bx', segment_id: id, count: named(segments, id).latest.count, population })],
  ['GET', /^\/segments\/([^/]+)\/members$/, ([id], q) => ({ items: Array.from({ length: 50 }, (_, i) => { const u = hash(`${q.get('cursor')}${id}${i}`); return role === 'auditor' ? { user_id: `p_${digest(String(u)).slice(7, 23)}` } : { user_id: `user-${u % population}`, traits: { gender: 'F', age: 25 + (u % 25), city: values.city[u % 5], plan: values.plan[u % 3], signed_up_at: ago(u % 900), vip: u % 9 === 0 } }; }), count: 12_345, build_id: 'b-s1', next_cursor: q.get('cursor') ? null : 'p2', pseudonymous: role === 'auditor' })],
  ['GET', /^\/segments\/([^/]+)\/waterfall$/, (_m, q) => ({ build_id: 'b', steps: waterfall(q.get('purpose')) })],
  ['POST', /^\/segments\/([^/]+)\/recount$/, () => recounts[0]],
  ['DELETE', /^\/segments\/([^/]+)$/, ([id]) => { const s = named(segments, id); segments.splice(segments.indexOf(s), 1); trashed.push({ ...s, trashed_at: now() }); }],
  ['POST', /^\/segments\/([^/]+)\/restore$/, ([id]) => { const s = named(trashed, id); trashed.splice(trashed.indexOf(s), 1); segments.push({ ...s, trashed_at: null }); return s; }],
  ['DELETE', /^\/trash$/, () => ({ deleted: trashed.splice(0).length })],
  ['POST', /^\/rules\/preview$/, (_m, _q, body) => evaluate(body.rule)],
  ['GET', /^\/schema$/, () => schema],
  ['PUT', /^\/schema$/, () => { throw problem(409, 'type_in_use', 'The type cannot change', 'Values of this path are stored already.'); }],
  ['GET', /^\/catalogues$/, () => page([{ id: 'programmes', name: 'Programmes', links: ['programme'] }])],
  ['GET', /^\/schema\/values$/, (_m, q) => { const path = q.get('trait') ?? q.get('property'); const all = (values[path] ?? []).filter((v) => v.toLowerCase().startsWith((q.get('prefix') ?? '').toLowerCase())); return { items: all.map((value, i) => ({ value, users: Math.round(52_000 / (i + 1)) })), distinct: all.length }; }],
  ['GET', /^\/sources$/, () => page(sources.map((s) => (role === 'admin' ? s : { ...s, write_key: null })))],
  ['GET', /^\/sources\/([^/]+)\/ledger$/, ([id], q) => { const items = ledgerDays(Number(q.get('days')), id); return { items, totals: sum(items), balanced: true }; }],
  ['GET', /^\/ledger$/, (_m, q) => { const items = ['web', 'app'].flatMap((id) => ledgerDays(Number(q.get('days')), id)); return { items, totals: sum(items), balanced: true }; }],
  ['GET', /^\/sources\/([^/]+)\/recent$/, () => page(Array.from({ length: 30 }, record).reverse())],
  ['GET', /^\/quarantine$/, () => page([1, 2, 3].map((i) => ({ seq: seq - i, source_id: 'web', received_at: ago(i / 10), day: ago(0).slice(0, 10), reason: 'wrong_type', detail: 'properties.seconds is the text "12s"; the schema says number.', raw: '{"type":"track","event":"video_view","userId":"user-7","properties":{"seconds":"12s"}}' })))],
  ['GET', /^\/imports$/, () => page(imports)],
  ['POST', /^\/imports$/, () => ({ id: 'i9' })],
  ['GET', /^\/recounts$/, () => page(recounts)],
  ['GET', /^\/recounts\/([^/]+)$/, ([id]) => named(recounts, id)],
  ['GET', /^\/lists$/, () => page(lists)],
  ['POST', /^\/lists$/, (_m, q) => { const made = { id: `l${lists.length}`, name: q.get('name'), version: 1, count: 3, known: 2, unknown: 1, unknown_sample: ['x'], created_at: now(), updated_at: now() }; lists.push(made); return made; }],
  ['GET', /^\/campaigns$/, () => page(campaigns)],
  ['POST', /^\/campaigns\/preview$/, (_m, _q, body) => ({ subject: body.subject, html: '<body style="font-family:sans-serif;background:#f4f6f5;padding:24px"><div style="background:#fff;padding:24px;border-radius:8px"><h2>Hello Claire</h2><p>The new season starts tonight at nine.</p></div></body>', text: 'Hello Claire\n\nThe new season starts tonight at nine.', errors: body.body.includes('</mjml>') ? [] : [{ message: 'mjml is not closed', line: 1 }], sample_user: 'user-1234' })],
  ['POST', /^\/campaigns$/, (_m, _q, body) => { const made = { ...body, id: `c${campaigns.length + 1}`, state: 'draft', created_at: now(), started_at: null, finished_at: null, report: null }; campaigns.push(made); return made; }],
  ['GET', /^\/campaigns\/([^/]+)$/, ([id]) => named(campaigns, id)],
  ['GET', /^\/campaigns\/([^/]+)\/waterfall$/, () => ({ steps: [...waterfall('email').slice(0, 4), { name: 'duplicate_address', dropped: 18 }, { name: 'deliverable', count: 9_585 }] })],
  ['GET', /^\/campaigns\/([^/]+)\/recipients$/, () => page(Array.from({ length: 8 }, (_, i) => ({ user_id: `user-${i * 17}`, state: ['sent', 'queued', 'failed'][i % 3], detail: i % 3 === 2 ? '550 no such mailbox' : null, at: now() })))],
  ['POST', /^\/campaigns\/([^/]+)\/(test|send|pause|cancel|resume)$/, () => undefined],
  ['GET', /^\/audit-trail\/check$/, () => ({ intact: true, entries: 5, head: digest('trail'), fault: null })],
  ['GET', /^\/audit-trail$/, () => page([['segment.saved', 'segment', 's1', { version: 3, rule: 'changed' }], ['list.pulled', 'segment', 's2', { purpose: 'ads', count: 10_005, digest: digest('s2') }], ['session.opened', 'account', 'u1', {}], ['recount.requested', 'recount', 'r1', { build: 'b-s1' }], ['api_key.created', 'api_key', 'k1', { scopes: ['pull'] }]].map(([action, target_kind, target_id, detail], i) => ({ id: i, at: ago(i / 7), actor: i === 1 ? 'Ad server' : 'Claire Martin', actor_kind: i === 1 ? 'api key' : 'account', action, target_kind, target_id, detail })))],
  ['GET', /^\/users$/, () => page(['admin', 'marketer', 'auditor'].map((r, i) => ({ id: `u${i}`, email: `${r}@example.org`, name: ['Claire Martin', 'Nadia Benali', 'Paul Auditor'][i], role: r, disabled: i === 2, created_at: ago(100), last_seen_at: i ? ago(i) : now() })))],
  ['GET', /^\/api-keys$/, () => page([{ id: 'k1', name: 'Ad server', scopes: ['pull'], prefix: 'rk_4f1c', created_at: ago(60), last_used_at: now(), revoked_at: null }, { id: 'k2', name: 'Old CRM', scopes: ['crm', 'collect'], prefix: 'rk_aa01', created_at: ago(400), last_used_at: ago(90), revoked_at: ago(30) }])],
  ['POST', /^\/api-keys$/, (_m, _q, body) => ({ id: 'k3', ...body, prefix: 'rk_1234', key: 'rk_1234567890abcdef1234567890abcdef', created_at: now() })],
  ['GET', /^\/lookup\/([^/]+)$/, ([id]) => { if (id === 'nobody') throw problem(404, 'unknown_user', 'Nobody with this id'); return { user_id: id, segments: ['s1', 's3'], watermark_seq: seq }; }],
];

function stream(response, path) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const send = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  response.write(': hello\n\n');
  const timer = setInterval(() => (path === '/live' ? send('watermark', { seq }) : send('record', record())), path === '/live' ? 5_000 : 700);
  response.on('close', () => clearInterval(timer));
}

createServer((incoming, response) => {
  const address = new URL(incoming.url, 'http://mock');
  const path = address.pathname.replace(/^\/api\/v1/, '');
  if (path.endsWith('/live')) return stream(response, path);
  const chunks = [];
  incoming.on('data', (chunk) => chunks.push(chunk));
  incoming.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    let status = 200;
    let answer;
    try {
      const found = routes.find(([method, pattern]) => method === incoming.method && pattern.test(path));
      if (!found) throw problem(404, 'no_route', 'The mock has no such route', `${incoming.method} ${path}`);
      const body = text && incoming.headers['content-type']?.includes('json') ? JSON.parse(text) : {};
      answer = found[2](found[1].exec(path).slice(1).map(decodeURIComponent), address.searchParams, body);
      if (answer === undefined) status = 204;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      ({ status, body: answer } = error);
    }
    setTimeout(() => {
      response.writeHead(status, { 'Content-Type': status < 400 ? 'application/json' : 'application/problem+json' });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    }, path === '/rules/preview' ? 60 : 15);
  });
}).listen(port, '127.0.0.1', () => console.log(`mock on http://127.0.0.1:${port}`));
