import { describe, expect, it } from 'vitest';
import { PartMemory } from './part-memory.ts';

/** Whether a promise has resolved by the time everything that is due has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  return settled;
}

describe('the memory of parts', () => {
  it('lets nobody wait while nobody sends, because then nothing would ever be freed', async () => {
    const memory = new PartMemory(100);
    await memory.take(90);
    await memory.take(90);
    expect(memory.used).toBe(180);
  });

  it('holds writers back while a part is being sent, in their order, until it has room', async () => {
    const memory = new PartMemory(100);
    await memory.take(100);
    let sent = () => {};
    const sending = memory.sending(() => new Promise<void>((resolve) => (sent = resolve)));
    const [large, small] = [memory.take(80), memory.take(10)];
    memory.release(30);
    expect(await isSettled(large)).toBe(false);
    expect(await isSettled(small)).toBe(false);
    memory.release(70);
    expect(await isSettled(large)).toBe(true);
    expect(await isSettled(small)).toBe(true);
    expect(memory.used).toBe(90);
    sent();
    await sending;
  });

  it('lets everybody go on when the last sending fails', async () => {
    const memory = new PartMemory(10);
    await memory.take(10);
    let fail = () => {};
    const sending = memory.sending(
      () => new Promise<void>((_, reject) => (fail = () => reject(new Error('no engine')))),
    );
    const waiting = memory.take(5);
    expect(await isSettled(waiting)).toBe(false);
    fail();
    await expect(sending).rejects.toThrow('no engine');
    await waiting;
    expect(memory.used).toBe(15);
  });
});
