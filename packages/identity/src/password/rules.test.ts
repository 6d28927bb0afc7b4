import { expect, it } from 'vitest';
import { passwordFaults } from './rules.ts';

const person = { login: 'li.wei', name: '李伟' };

it.each([
  ['短', ['too_short', 'too_plain']],
  ['Ab3$Ab3', ['too_short', 'too_plain']],
  ['abcdefghij', ['too_plain']],
  ['Abcdefghi1', []],
  ['correct horse battery', []],
  ['aaaaaaaaaaaaaaaaaaaaa', ['too_plain']],
  ['Xx1-li.wei-9', ['personal']],
  ['李伟Abc123456', ['personal']],
  ['Password123!', ['common']],
  ['P@ssw0rd2026', ['common']],
  ['GongAn@2026!', ['common']],
  ['1234567890', ['too_plain', 'common']],
  ['kd8-ws4q-ptz7', []],
])('%s: %j', (password, faults) => {
  expect(passwordFaults(password, person)).toEqual(faults);
});
