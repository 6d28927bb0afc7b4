import type { Detail } from './details.ts';
import type { Leg, LegName, Outcome, Text } from './report.ts';

const TITLES: Readonly<Record<LegName, Text>> = {
  receipt: { zh: '回执格式', en: 'Receipt well formed' },
  entry: { zh: '日志条目', en: 'Log entry' },
  size: { zh: '文件大小', en: 'File size' },
  sha256: { zh: 'SHA-256', en: 'SHA-256' },
  sm3: { zh: 'SM3', en: 'SM3' },
  part_tree: { zh: '分块哈希树', en: 'Part tree' },
  declared: { zh: '申报、接收、回读一致', en: 'Declared = received = read back' },
  inclusion: { zh: '收录于日志', en: 'Included in the log' },
  checkpoint_signature: { zh: '检查点签名', en: 'Checkpoint signature' },
  log_key: { zh: '日志公钥可信', en: 'Log key is one you trust' },
  witnesses: { zh: '见证方联署', en: 'Witnesses' },
  timestamp: { zh: '可信时间戳', en: 'Trusted timestamp' },
  openings: { zh: '个人信息承诺', en: 'Openings match' },
  lock: { zh: '存储锁定', en: 'Storage lock' },
};

/** Legs that a receipt can lack through no fault of anybody's, or that only the server can check. */
const OPTIONAL: ReadonlySet<LegName> = new Set(['declared', 'witnesses', 'timestamp', 'openings', 'lock']);

/** A leg of a report; `required` only where it differs from the rule for its name. */
export function leg(
  name: LegName,
  outcome: Outcome,
  { code, facts, text }: Detail,
  required = !OPTIONAL.has(name),
): Leg {
  return { leg: name, outcome, required, title: TITLES[name], code, facts, detail: text };
}
