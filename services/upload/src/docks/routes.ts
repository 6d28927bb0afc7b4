import {
  appendEvent,
  type Database,
  type Executor,
  enrolWithCode,
  findDock,
  findUnit,
  insertDock,
  listDocksOf,
  renewCode,
  revokeDockRecord,
  updateDock,
} from '@fengcun/catalog';
import { changeDock, createDock, type Dock, enrolDock, listDocks, renewDockCode, revokeDock } from '@fengcun/contracts';
import { actorOf, personOf, recordDenial, visibleUnits } from '@fengcun/identity';
import { type Clock, route } from '@fengcun/runtime';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { UploadConfig } from '../config.ts';
import { problem } from '../problems.ts';
import { AttemptLimit } from './attempt-limit.ts';
import { enrolmentCodeHash, newEnrolmentCode } from './enrolment-code.ts';

interface DockContext {
  readonly config: UploadConfig;
  readonly catalog: Database;
  readonly clock: Clock;
}

const codeLifeMs = 24 * 3_600_000;

export function dockRoutes(app: FastifyInstance, { config, catalog, clock }: DockContext): void {
  const attempts = new AttemptLimit(clock);

  /** A dock of the caller's units; for anybody else there is none, and that they asked is on record. Throws `not_found`. */
  const keptDock = async (request: FastifyRequest, id: string): Promise<Dock> => {
    const dock = await findDock(catalog, id);
    if (dock && (await visibleUnits(catalog, request.caller)).includes(dock.unit.id)) return dock;
    if (dock) await recordDenial(request, { code: 'not_found', subject: { kind: 'dock', id } });
    throw problem('not_found');
  };

  /** A closed unit takes no docks; the database would not have it either. Throws `unit_unknown`. */
  const requireOpenUnit = async (request: FastifyRequest, unit: string) => {
    if (!(await visibleUnits(catalog, request.caller)).includes(unit)) throw problem('unit_unknown');
    if ((await findUnit(catalog, unit))?.closedAt) throw problem('unit_unknown');
  };

  route(app, listDocks, async ({ request }) => ({
    items: await listDocksOf(catalog, await visibleUnits(catalog, request.caller)),
  }));

  route(app, createDock, async ({ request, body }) => {
    const person = personOf(request);
    await requireOpenUnit(request, body.unit);
    const code = newEnrolmentCode();
    const now = clock.now();
    const codeExpiresAt = new Date(now.getTime() + codeLifeMs);
    return catalog.transaction().execute(async (trx) => {
      const { name, unit } = body;
      const id = await insertDock(trx, { name, unitId: unit, codeHash: enrolmentCodeHash(code), codeExpiresAt, now });
      const subject = { kind: 'dock', id } as const;
      await appendEvent(trx, { type: 'dock.created', actor: actorOf(person), subject, data: { name, unit } }, clock);
      return { dock: await existing(trx, id), code, codeExpiresAt: codeExpiresAt.toISOString() };
    });
  });

  route(app, enrolDock, async ({ request, body }) => {
    const wait = attempts.wait(request.ip);
    if (wait > 0) throw problem('too_many_attempts', { headers: { 'retry-after': String(wait) } });
    const publicKey = Buffer.from(body.publicKey, 'base64url');
    const dock = await catalog.transaction().execute(async (trx) => {
      const now = clock.now();
      const id = await enrolWithCode(trx, { codeHash: enrolmentCodeHash(body.code), publicKey, now });
      if (id === undefined) return undefined;
      const found = await existing(trx, id);
      await appendEvent(
        trx,
        {
          type: 'dock.enrolled',
          actor: actorOf({ kind: 'dock', dock: { id, name: found.name, unitId: found.unit.id } }),
          subject: { kind: 'dock', id },
          data: { publicKey: body.publicKey },
        },
        clock,
      );
      return found;
    });
    if (!dock) {
      attempts.failed(request.ip);
      await recordDenial(request, { code: 'code_invalid' });
      throw problem('code_invalid');
    }
    return { dock, audience: config.audience, logKeys: [...config.logKeys] };
  });

  route(app, renewDockCode, async ({ request, params }) => {
    const person = personOf(request);
    const dock = await keptDock(request, params.id);
    const code = newEnrolmentCode();
    const codeExpiresAt = new Date(clock.now().getTime() + codeLifeMs);
    return catalog.transaction().execute(async (trx) => {
      if (!(await renewCode(trx, { id: dock.id, codeHash: enrolmentCodeHash(code), codeExpiresAt }))) {
        throw problem((await existing(trx, dock.id)).state === 'revoked' ? 'already_revoked' : 'already_enrolled');
      }
      const subject = { kind: 'dock', id: dock.id } as const;
      const expires = codeExpiresAt.toISOString();
      await appendEvent(trx, { type: 'dock.code_renewed', actor: actorOf(person), subject, data: { expires } }, clock);
      return { dock: await existing(trx, dock.id), code, codeExpiresAt: expires };
    });
  });

  route(app, changeDock, async ({ request, params, body }) => {
    const person = personOf(request);
    const dock = await keptDock(request, params.id);
    const { name = dock.name, unit = dock.unit.id } = body;
    if (unit !== dock.unit.id) await requireOpenUnit(request, unit);
    return catalog.transaction().execute(async (trx) => {
      if (!(await updateDock(trx, { id: dock.id, name, unitId: unit }))) throw problem('already_revoked');
      const subject = { kind: 'dock', id: dock.id } as const;
      const data = { name, unit, was: { name: dock.name, unit: dock.unit.id } };
      await appendEvent(trx, { type: 'dock.changed', actor: actorOf(person), subject, data }, clock);
      return existing(trx, dock.id);
    });
  });

  route(app, revokeDock, async ({ request, params, body }) => {
    const person = personOf(request);
    const dock = await keptDock(request, params.id);
    return catalog.transaction().execute(async (trx) => {
      if (!(await revokeDockRecord(trx, dock.id, clock.now()))) throw problem('already_revoked');
      const subject = { kind: 'dock', id: dock.id } as const;
      const data = { reason: body.reason };
      await appendEvent(trx, { type: 'dock.revoked', actor: actorOf(person), subject, data }, clock);
      return existing(trx, dock.id);
    });
  });
}

async function existing(db: Executor, id: string): Promise<Dock> {
  const dock = await findDock(db, id);
  if (!dock) throw problem('not_found');
  return dock;
}
