import { acknowledgeAlarm, findAlarm, listAlarms } from '@fengcun/catalog';
import { acknowledgeAlarm as acknowledgeAlarmRoute, listAlarms as listAlarmsRoute } from '@fengcun/contracts';
import { actorOf, personOf, recordDenial, visibleUnits } from '@fengcun/identity';
import { route } from '@fengcun/runtime';
import type { FastifyInstance } from 'fastify';
import type { Access } from '../access.ts';
import { problem } from '../errors.ts';
import { onRecord } from '../evidence/item.ts';
import { defaultLimit } from '../list-query.ts';

export function alarmRoutes(app: FastifyInstance, { catalog, clock }: Access): void {
  route(app, listAlarmsRoute, async ({ query, request }) => {
    const { cursor, limit = defaultLimit, ...filter } = query;
    return listAlarms(catalog, await visibleUnits(catalog, request.caller), filter, { cursor, limit });
  });

  route(app, acknowledgeAlarmRoute, async ({ params, body, request }) => {
    const alarm = await findAlarm(catalog, params.id);
    if (!alarm) throw problem('not_found');
    const unit = alarm.unit?.id ?? null;
    if (unit !== null && !(await visibleUnits(catalog, request.caller)).includes(unit)) {
      await recordDenial(request, { code: 'not_found', subject: { kind: 'alarm', id: alarm.id } });
      throw problem('not_found');
    }
    const { account } = personOf(request);
    const acknowledgement = {
      alarm: alarm.id,
      unit,
      account: account.id,
      actor: actorOf(request.caller),
      note: body.note,
    };
    if (!(await onRecord(acknowledgeAlarm(catalog, acknowledgement, clock)))) throw problem('already_acknowledged');
    const acknowledged = await findAlarm(catalog, alarm.id);
    if (!acknowledged) throw problem('not_found');
    return acknowledged;
  });
}
