import { describe, expect, it } from 'vitest';
import { bytes, number, ofPopulation, percent, relative, shortDigest, signed } from './format';

describe('numbers', () => {
  it('are grouped and carry their population', () => {
    expect(number(1234567)).toBe('1,234,567');
    expect(number(null)).toBe('–');
    expect(ofPopulation(12345, 100000)).toBe('12,345 of 100,000 users');
    expect(signed(1204)).toBe('+1,204');
    expect(signed(-38)).toBe('−38');
  });

  it('never round a share to nothing or to everything', () => {
    expect(percent(0, 100)).toBe('0%');
    expect(percent(1, 1_000_000)).toBe('<0.1%');
    expect(percent(999_999, 1_000_000)).toBe('>99.9%');
    expect(percent(5, 0)).toBe('0%');
    expect(percent(35, 1000)).toBe('3.5%');
  });

  it('scale bytes', () => {
    expect([bytes(12), bytes(1500), bytes(2_500_000)]).toEqual(['12 B', '1.5 kB', '2.5 MB']);
  });
});

describe('times and digests', () => {
  it('are relative to now', () => {
    const now = Date.parse('2026-11-21T12:00:00Z');
    expect(relative('2026-11-21T11:58:00Z', now)).toBe('2 minutes ago');
    expect(relative('2026-11-20T12:00:00Z', now)).toBe('yesterday');
    expect(relative(null, now)).toBe('never');
  });

  it('shorten a digest without its algorithm', () => {
    expect(shortDigest('sha256:0123456789abcdef')).toBe('0123456789ab');
  });
});
