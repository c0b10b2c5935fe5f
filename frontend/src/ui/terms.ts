/** What the exact terms mean, in one place: the hints beside them and the page "What the words mean" show the same text. */
export const terms = {
  watermark: {
    title: 'Watermark',
    text: 'How far the received messages have been taken in. A count made at the same watermark saw the same data.',
  },
  entry: {
    title: 'Entry',
    text: 'Every message received gets the next number in one long log. “Up to entry 5,129,662” means that all messages up to that one are in the count.',
  },
  digest: {
    title: 'Digest',
    text: 'A fingerprint of the exact set of members. Two counts with the same digest have the same people in them, one by one.',
  },
  population: {
    title: 'Population',
    text: 'All users known at the moment of a count. It grows, so counts of different moments have different populations.',
  },
  messages: {
    title: 'Messages',
    text: 'Everything that sources and imports send: events and profile updates. Only events are among the events kept, so there are more messages than events.',
  },
  duplicate: {
    title: 'Duplicate',
    text: 'A message that had arrived before, sent again by a program that was not sure. It is counted once.',
  },
  quarantined: {
    title: 'Quarantined',
    text: 'A message that breaks the agreed form of the data. It is kept with the reason and counts for nobody.',
  },
  anonymous: {
    title: 'Anonymous',
    text: 'An accepted event that names no user. It is kept, and is in no segment.',
  },
  recount: {
    title: 'Recount',
    text: 'The same count made again by a second, separate program that reads the raw events. If both agree, the number is proved.',
  },
  index: {
    title: 'Index',
    text: 'The fast engine that answers while you type. A recount checks it against the raw events.',
  },
  freshness: {
    title: 'Freshness',
    text: 'Whether the members are right by now. Fresh: checked within the last minute. Stale: the last check is older. Failing: the rule cannot be counted at the moment.',
  },
  shift: {
    title: 'A year earlier',
    text: 'Looks at the same stretch of time, moved back: “in the last 30 days” becomes the same 30 days of last year.',
  },
  case: {
    title: 'Ignore case',
    text: 'Capital and small letters are the same: “ncis” also finds “NCIS”.',
  },
  roaring: {
    title: 'Roaring',
    text: 'A compact file of user numbers that some ad servers read. Choose CSV if nobody asked you for it.',
  },
  chain: {
    title: 'Chain',
    text: 'Every entry of the audit trail carries a fingerprint of the one before it. An entry changed or removed later breaks the chain.',
  },
  pseudonym: {
    title: 'Pseudonym',
    text: 'A made-up name in place of a user id. The same user has the same one everywhere.',
  },
} as const;

export type TermName = keyof typeof terms;
