import { describe, expect, it } from 'vitest';
import { FloodGate } from './flood-gate.ts';

function gateWith(capacity: number) {
  const clock = { at: 0, now: () => new Date(clock.at) };
  const written: [string, number][] = [];
  const gate = new FloodGate<string>({
    clock,
    windowMs: 1000,
    capacity,
    overflow: () => ({ key: 'many', sample: 'many' }),
    write: async (sample, suppressed) => void written.push([sample, suppressed]),
  });
  return { clock, written, gate };
}
const total = (written: [string, number][]) => written.reduce((sum, [, suppressed]) => sum + 1 + suppressed, 0);

describe('a flood gate', () => {
  it('remembers no more sources than it may, and loses no count', async () => {
    const { gate, written } = gateWith(10);
    for (let i = 0; i < 1000; i++) await gate.take(`source ${i}`, `source ${i}`);
    expect(gate.size).toBeLessThanOrEqual(11);
    expect(written).toHaveLength(11);
    await gate.sweep({ all: true });
    expect(total(written)).toBe(1000);
  });

  it('forgets quiet sources and frees their place', async () => {
    const { gate, clock, written } = gateWith(1);
    await gate.take('a', 'a');
    clock.at = 1000;
    await gate.sweep();
    expect(gate.size).toBe(0);
    await gate.take('b', 'b');
    expect(written).toEqual([
      ['a', 0],
      ['b', 0],
    ]);
  });

  it('writes a closed window once for all it counted, itself included', async () => {
    const { gate, clock, written } = gateWith(5);
    for (let i = 0; i < 8; i++) await gate.take('a', 'a');
    clock.at = 1000;
    await gate.sweep();
    expect(written).toEqual([
      ['a', 0],
      ['a', 6],
    ]);
    expect(total(written)).toBe(8);
  });
});
