import { randomUUID } from 'node:crypto';
import type { Redaction, RedactionMark } from '@fengcun/contracts';
import { type Answers, refuse } from './answer.ts';
import { iso, now, type World } from './world.ts';

type Answered =
  | 'listRedactions'
  | 'createRedaction'
  | 'getRedaction'
  | 'saveRedactionPlan'
  | 'getRedactionPlan'
  | 'renderRedaction'
  | 'cancelRender'
  | 'playRedaction'
  | 'reviewRedaction'
  | 'withdrawRedaction';

/** Redacted versions: saved, asked for, reviewed, withdrawn. A test moves them on in `world.redactions`. */
export function redactionAnswers(world: World, startPlay: Answers['startPlay']): Pick<Answers, Answered> {
  const found = (id: string) => world.redactions.find((each) => each.id === id) ?? refuse(404, 'not_found');
  const planned = (version: number, marks: RedactionMark[], by: { id: string; name: string }) => ({
    version,
    marks,
    sha256: 'c'.repeat(64),
    by,
    at: iso(now),
  });
  return {
    listRedactions: ({ params }) => ({
      items: world.redactions.filter(({ evidence }) => evidence === params.id),
      next: null,
    }),
    createRedaction: ({ params, body, me }) => {
      const item = world.evidence.find(({ id }) => id === params.id) ?? refuse(404, 'not_found');
      const by = { id: me.id, name: me.name };
      const redaction: Redaction = {
        id: randomUUID(),
        evidence: item.id,
        name: body.name,
        state: 'draft',
        version: 1,
        marks: body.marks.length,
        createdBy: by,
        createdAt: iso(now),
        updatedAt: iso(now),
        render: null,
        review: null,
        withdrawn: null,
        plan: planned(1, body.marks, by),
        recording: {
          durationMs: item.durationMs,
          still: item.kind === 'image',
          width: 640,
          height: 360,
          hasPicture: true,
          hasSound: item.kind !== 'image',
        },
        watched: 0,
        may: { change: true, render: true, cancel: false, watch: false, review: false, withdraw: true },
        reviewBlocker: null,
      };
      world.redactions.unshift(redaction);
      return redaction;
    },
    getRedaction: ({ params }) => found(params.id),
    saveRedactionPlan: ({ params, body, me }) => {
      const redaction = found(params.id);
      if (redaction.version !== body.basedOn) refuse(409, 'redaction_changed');
      redaction.version += 1;
      redaction.marks = body.marks.length;
      redaction.plan = planned(redaction.version, body.marks, { id: me.id, name: me.name });
      return redaction;
    },
    getRedactionPlan: ({ params }) => found(params.id).plan,
    renderRedaction: ({ params, me }) => {
      const redaction = found(params.id);
      redaction.state = 'rendering';
      redaction.may = { ...redaction.may, render: false, cancel: true };
      redaction.render = {
        id: randomUUID(),
        version: redaction.version,
        state: 'making',
        percent: 0,
        reason: null,
        detail: null,
        requestedBy: { id: me.id, name: me.name },
        createdAt: iso(now),
        finishedAt: null,
        event: '48310',
        result: null,
      };
      return redaction;
    },
    cancelRender: ({ params }) => Object.assign(found(params.id), { state: 'draft', render: null }),
    playRedaction: (call) => ({
      ...startPlay({ ...call, params: { id: found(call.params.id).evidence } }),
      poster: null,
      thumbnails: null,
    }),
    reviewRedaction: ({ params, body, me }) => {
      const review = {
        verdict: body.verdict,
        by: { id: me.id, name: me.name },
        at: iso(now),
        reason: body.reason ?? null,
      };
      return Object.assign(found(params.id), { state: body.verdict, review });
    },
    withdrawRedaction: ({ params, body, me }) => {
      const withdrawn = { by: { id: me.id, name: me.name }, at: iso(now), reason: body.reason };
      return Object.assign(found(params.id), { state: 'withdrawn', withdrawn });
    },
  };
}
