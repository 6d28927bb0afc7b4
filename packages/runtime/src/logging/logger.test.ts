import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { createLogger } from './logger.ts';

test('no secret reaches a log, wherever it stands', () => {
  let text = '';
  const destination = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const logger = createLogger({ name: 'test', destination });
  logger.info({ password: 'hunter2', req: { headers: { authorization: 'hunter2', cookie: 'hunter2' } } }, 'a');
  logger.info({ config: { database: { connectionString: 'hunter2' } }, dock: { enrolmentCode: 'hunter2' } }, 'b');
  logger.warn({ reply: { headers: { 'set-cookie': 'hunter2' } }, token: 'hunter2', kept: 'visible' }, 'c');
  expect(text).not.toContain('hunter2');
  expect(text).toContain('visible');
});
