import type { Role } from '@/api/types';

/** What each role may do in the page; the server decides again on every call. */
export type Action =
  | 'edit segments'
  | 'export lists'
  | 'see lists'
  | 'edit lists'
  | 'run recounts'
  | 'see campaigns'
  | 'edit campaigns'
  | 'see live events'
  | 'see quarantine'
  | 'see values'
  | 'see imports'
  | 'run imports'
  | 'edit sources'
  | 'edit schema'
  | 'see audit trail'
  | 'manage access'
  | 'empty trash'
  | 'look up users'
  | 'explain users';

const everyone: Role[] = ['admin', 'marketer', 'auditor'];
const makers: Role[] = ['admin', 'marketer'];
const admin: Role[] = ['admin'];

const allowed: Record<Action, Role[]> = {
  'edit segments': makers,
  'export lists': makers,
  'see lists': everyone,
  'edit lists': makers,
  'run recounts': everyone,
  'see campaigns': everyone,
  'edit campaigns': makers,
  'see live events': everyone,
  'see quarantine': makers,
  'see values': makers,
  'see imports': makers,
  'run imports': admin,
  'edit sources': admin,
  'edit schema': admin,
  'see audit trail': ['admin', 'auditor'],
  'manage access': admin,
  'empty trash': admin,
  'look up users': makers,
  'explain users': makers,
};

export function can(role: Role, action: Action): boolean {
  return allowed[action].includes(role);
}
