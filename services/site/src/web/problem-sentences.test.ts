import { accessProblemCodes } from '@fengcun/access';
import { problemZh } from '@fengcun/console/problem-text';
import { api } from '@fengcun/contracts';
import { refusalCodes } from '@fengcun/identity';
import { uploadProblemCodes } from '@fengcun/upload';
import { expect, it } from 'vitest';

/** Here, and not in the console, because only the composition root knows all services. */
it.each([
  ['upload', uploadProblemCodes],
  ['access', accessProblemCodes],
  ['identity', refusalCodes],
  ['the contracts', Object.values(api).flatMap(({ problems }) => problems)],
])('the console has a Chinese sentence for every problem of %s', (_, codes) => {
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !(code in problemZh.sentence))).toEqual([]);
});
