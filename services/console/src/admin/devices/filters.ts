import { type CallInput, deviceKinds, deviceStates } from '@fengcun/contracts';
import { type CursorAddress, filterReader, present, readPlace } from '../../app/list/use-cursor-address.ts';

/** What narrows the list of devices. */
export interface DeviceFilters {
  readonly q?: string;
  readonly state?: (typeof deviceStates)[number];
  readonly kind?: (typeof deviceKinds)[number];
  readonly unit?: string;
}

export function readDeviceAddress(search: URLSearchParams): CursorAddress<DeviceFilters> {
  const { text, uuid, oneOf } = filterReader(search);
  return {
    filters: present({
      q: text('q', 64),
      state: oneOf('state', deviceStates),
      kind: oneOf('kind', deviceKinds),
      unit: uuid('unit'),
    }),
    ...readPlace(search),
  };
}

export function deviceQueryOf({ filters, limit, cursor }: CursorAddress<DeviceFilters>) {
  return { ...filters, limit, ...(cursor ? { cursor } : {}) } satisfies CallInput<'listDevices'>['query'];
}
