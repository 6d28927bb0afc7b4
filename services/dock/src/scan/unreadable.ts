import { DockError } from '../errors.ts';

/** The fault of a file or folder that the device does not give, or gives no more: a damaged card, a device pulled out, missing rights. */
export function unreadable(
  path: string,
  { code, message }: Pick<NodeJS.ErrnoException, 'code' | 'message'>,
): DockError {
  const why = code ?? message;
  return new DockError('not_sealed', {
    zh: `${path} 无法读取（${why}）。请检查设备和权限，再次运行同一命令；仍无法读取时，请停用并妥善保管该设备。`,
    en: `${path} cannot be read (${why}). Check the device and its rights and run the same command again; if it stays unreadable, stop using the device and keep it safe.`,
  });
}
