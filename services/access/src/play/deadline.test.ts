import { expect, it } from 'vitest';
import { Deadline } from './deadline.ts';

it('does its work once its moment has come by the site’s clock, the earliest first, and never after it is closed', async () => {
  let now = 1_000_000;
  const done: number[] = [];
  const deadline = new Deadline({ now: () => new Date(now) }, async () => {
    done.push(now);
  });
  deadline.at(new Date(now + 60));
  deadline.at(new Date(now + 20));
  deadline.at(new Date(now + 40));
  now += 20;
  await expect.poll(() => done).toEqual([1_000_020]);
  // What was later was dropped: whoever does the work says when the next is due.
  now += 1000;
  deadline.at(new Date(now - 1));
  await expect.poll(() => done).toEqual([1_000_020, 1_001_020]);
  deadline.at(new Date(now));
  await deadline.close();
  deadline.at(new Date(now));
  expect(done).toHaveLength(2);
});
