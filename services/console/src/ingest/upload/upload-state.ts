import type { Problem } from '@fengcun/contracts';

/** Where one file is on its way from this computer to its receipt. Bytes throughout. */
export type UploadStage =
  | { readonly at: 'waiting' }
  | { readonly at: 'hashing'; readonly done: number }
  | { readonly at: 'ready' }
  | { readonly at: 'sending'; readonly sent: number }
  | { readonly at: 'paused'; readonly sent: number }
  | { readonly at: 'sealing'; readonly id: string }
  | { readonly at: 'sealed'; readonly id: string }
  | { readonly at: 'quarantined'; readonly id: string }
  | { readonly at: 'failed'; readonly cause: UploadFault }
  | { readonly at: 'cancelled' };

export type UploadFault =
  | { readonly kind: 'problem'; readonly problem: Problem }
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'too_large'; readonly limit: number };

export interface UploadEntry {
  readonly key: string;
  readonly name: string;
  readonly size: number;
  readonly sha256: string | null;
  readonly stage: UploadStage;
}

/** Still needs this page to stay open. */
export function isActive({ stage }: UploadEntry): boolean {
  return stage.at === 'waiting' || stage.at === 'hashing' || stage.at === 'ready' || stage.at === 'sending';
}

export function isOver({ stage }: UploadEntry): boolean {
  return stage.at === 'sealed' || stage.at === 'quarantined' || stage.at === 'cancelled';
}
