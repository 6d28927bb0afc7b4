import { describe, expect, it } from 'vitest';
import { queryOf, readAddress, writeAddress } from './filters.ts';

const unit = '0192f0c8-7c1e-7d5a-8b1f-3f2a5c9d7e01';

describe('the list’s address', () => {
  it('comes back as it was written, in one order whatever the order of choosing', () => {
    const filters = { state: 'quarantined', unit, keyMark: false, q: '扣押 & 100%', from: '2026-11-20' } as const;
    const text = writeAddress({ filters, limit: 20, cursor: 'abc' }).toString();
    expect(readAddress(new URLSearchParams(text))).toEqual({ filters, limit: 20, cursor: 'abc' });
    const reversed = Object.fromEntries(Object.entries(filters).reverse());
    expect(writeAddress({ filters: reversed, limit: 20, cursor: 'abc' }).toString()).toBe(text);
  });

  it('leaves out what is no filter rather than sending it on', () => {
    const search = new URLSearchParams('kind=hologram&state=&unit=1%27--&limit=7&from=yesterday&keyMark=maybe&x=1');
    expect(readAddress(search)).toEqual({ filters: {}, limit: 50 });
  });

  it('asks for whole days of the site, the last one included', () => {
    const address = { filters: { from: '2026-11-20', to: '2026-11-20' }, limit: 50 } as const;
    expect(queryOf(address, 'Asia/Shanghai')).toEqual({
      limit: 50,
      from: '2026-11-19T16:00:00.000Z',
      to: '2026-11-20T16:00:00.000Z',
    });
  });
});
