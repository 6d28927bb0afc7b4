import { LocalError } from '../errors.ts';
import { findOnPath, run } from '../process/run.ts';

/** Paths of the programs of a Ceph that we run. */
export interface CephPrograms {
  readonly ceph: string;
  readonly mon: string;
  readonly monmaptool: string;
  readonly osd: string;
  readonly radosgw: string;
  readonly radosgwAdmin: string;
  readonly major: number;
}

/** Pacific, Debian 12's: nothing older was tried. */
export const oldestCeph = 16;

const names = {
  ceph: 'ceph',
  mon: 'ceph-mon',
  monmaptool: 'monmaptool',
  osd: 'ceph-osd',
  radosgw: 'radosgw',
  radosgwAdmin: 'radosgw-admin',
} as const;

/**
 * Finds the programs on the PATH.
 *
 * @throws LocalError `program_missing` (naming those that are, and what to install), `program_version`
 */
export async function findCeph(searchPath = process.env.PATH ?? ''): Promise<CephPrograms> {
  const missing: string[] = [];
  const find = async (name: string): Promise<string> => {
    const path = await findOnPath(name, searchPath);
    if (path === undefined) missing.push(name);
    return path ?? '';
  };
  const [ceph, mon, monmaptool, osd, radosgw, radosgwAdmin] = await Promise.all([
    find(names.ceph),
    find(names.mon),
    find(names.monmaptool),
    find(names.osd),
    find(names.radosgw),
    find(names.radosgwAdmin),
  ]);
  if (missing.length > 0) {
    throw new LocalError(
      'program_missing',
      `Ceph is not installed, or not all of it (missing: ${missing.join(', ')}). On Debian or Ubuntu: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd.`,
    );
  }
  const { output } = await run(mon, ['--version']);
  const major = Number(/ceph version (\d+)\./.exec(output)?.[1]);
  if (!(major >= oldestCeph)) {
    throw new LocalError('program_version', `Ceph ${oldestCeph} or newer is needed; ${mon} says "${output}".`);
  }
  return { ceph, mon, monmaptool, osd, radosgw, radosgwAdmin, major };
}
