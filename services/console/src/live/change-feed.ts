import type { Change } from '@fengcun/contracts';
import { useEffect, useRef } from 'react';

const listeners = new Set<(change: Change) => void>();

export function emitChange(change: Change): void {
  for (const listener of listeners) listener(change);
}

/** Calls `listener` with every change from now until the component leaves; outside React, keep what it returns to stop. */
export function onChange(listener: (change: Change) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function useChanges(listener: (change: Change) => void): void {
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => onChange((change) => latest.current(change)), []);
}
