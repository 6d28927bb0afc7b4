/** When it is at the fake site; the browser's clock goes on. */
export const now = Date.parse('2026-11-22T11:44:02.120Z');
export const iso = (epochMs: number): string => new Date(epochMs).toISOString();
