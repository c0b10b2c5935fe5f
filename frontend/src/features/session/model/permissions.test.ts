import { describe, expect, it } from 'vitest';
import { type Action, can } from './permissions';

describe('roles', () => {
  it.each<[Action, boolean, boolean, boolean]>([
    ['edit segments', true, true, false],
    ['export lists', true, true, false],
    ['run recounts', true, true, true],
    ['see lists', true, true, true],
    ['edit lists', true, true, false],
    ['see campaigns', true, true, true],
    ['edit campaigns', true, true, false],
    ['see live events', true, true, true],
    ['see quarantine', true, true, false],
    ['see audit trail', true, false, true],
    ['manage access', true, false, false],
    ['empty trash', true, false, false],
    ['explain users', true, true, false],
  ])('%s: admin %s, marketer %s, auditor %s', (action, admin, marketer, auditor) => {
    expect([can('admin', action), can('marketer', action), can('auditor', action)]).toEqual([
      admin,
      marketer,
      auditor,
    ]);
  });
});
