import { randomUUID } from 'node:crypto';
import { formOfOperation } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { iso, now, type World } from './world.ts';

/** Copies that leave: asked for, listed, given up. A test moves them on in `world.issuedCopies`. */
export function copyAnswers(world: World): Pick<Answers, 'startCopy' | 'listItemCopies' | 'cancelCopy'> {
  return {
    startCopy: ({ params, body }) => {
      const item = world.evidence.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      const form = formOfOperation[body.operation];
      const copy = {
        id: randomUUID(),
        evidence: item.id,
        evidenceName: item.name,
        operation: body.operation,
        form,
        mark: form === 'bag' ? 'none' : 'picture',
        state: 'pending',
        percent: 0,
        reason: null,
        detail: null,
        recipient: body.recipient ?? null,
        purpose: body.purpose ?? null,
        render: null,
        rule: 'granted',
        authorisation: null,
        event: '48305',
        createdAt: iso(now),
        readyAt: null,
        expiresAt: null,
        file: null,
        downloads: 0,
      } as const;
      world.issuedCopies.unshift({ ...copy });
      return copy;
    },
    listItemCopies: ({ params }) => ({
      items: world.issuedCopies.filter(({ evidence }) => evidence === params.id),
      next: null,
    }),
    cancelCopy: ({ params }) => {
      const copy = world.issuedCopies.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      copy.state = 'cancelled';
      return copy;
    },
  };
}
