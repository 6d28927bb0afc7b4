import { existsSync } from 'node:fs';

/** What the agent leaves beside a file: its receipt, or a note that the server put it into quarantine. */
export const receiptPathOf = (filePath: string): string => `${filePath}.receipt.json`;
export const quarantineNotePathOf = (filePath: string): string => `${filePath}.quarantine.json`;

export const isAgentsOwn = (name: string): boolean =>
  name.endsWith('.receipt.json') || name.endsWith('.quarantine.json');
export const hasVerdict = (filePath: string): boolean =>
  existsSync(receiptPathOf(filePath)) || existsSync(quarantineNotePathOf(filePath));
