import { v7 } from 'uuid';

/** A new identifier (UUIDv7): sortable by time, so that fresh rows stand together in every index. */
export const newId = (): string => v7();
