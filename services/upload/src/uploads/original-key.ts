import { type ObjectKey, parseObjectKey } from '@fengcun/vault';

/** Where an upload's bytes are kept, from its first one on. */
export const originalKey = (upload: string): ObjectKey => parseObjectKey(`originals/${upload}`);

/** Whether a key is of this service's making; others keep repaired and issued copies in the same vault. */
export const isOriginalKey = (key: ObjectKey): boolean => /^originals\/[0-9a-f-]{36}$/.test(key);
