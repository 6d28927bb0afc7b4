import type { SealedEvidence } from '../receipt/sealed.ts';
import { leg } from '../report/legs.ts';
import type { Leg, Text } from '../report/report.ts';

/** What was computed over the file at hand; null where it could not be. */
export interface Content {
  /** bytes really read */
  readonly size: number;
  readonly sha256: string | null;
  readonly sm3: string | null;
  readonly tree: { readonly leafSize: number; readonly root: string } | null;
}

const NO_FILE: Text = { zh: '没有读取文件内容。', en: 'No content was read.' };

/** The file at hand against what was sealed. */
export function contentLegs(sealed: SealedEvidence, content: Content | undefined): Leg[] {
  return [
    sizeLeg(sealed, content),
    digestLeg('sha256', sealed, content),
    digestLeg('sm3', sealed, content),
    treeLeg(sealed, content),
  ];
}

function sizeLeg(sealed: SealedEvidence, content: Content | undefined): Leg {
  if (!content) return leg('size', 'not_checked', NO_FILE);
  const difference = content.size - sealed.size;
  if (difference === 0)
    return leg('size', 'passed', {
      zh: `${content.size} 字节，全部读取`,
      en: `${content.size} bytes, all of them read`,
    });
  const count = Math.abs(difference);
  return leg('size', 'failed', {
    zh: `封存时 ${sealed.size} 字节，此文件 ${content.size} 字节：${difference < 0 ? `少 ${count} 字节，被截断或不是同一文件` : `多 ${count} 字节`}`,
    en: `${sealed.size} bytes were sealed, this file has ${content.size}: ${difference < 0 ? `${count} missing, it was cut short or is another file` : `${count} too many`}`,
  });
}

function digestLeg(name: 'sha256' | 'sm3', sealed: SealedEvidence, content: Content | undefined): Leg {
  if (!content) return leg(name, 'not_checked', NO_FILE);
  const found = content[name];
  if (found === null) {
    return leg(name, 'not_checked', {
      zh: '此处的密码库不提供该算法；请换一台机器核验。',
      en: 'The cryptographic library here does not offer this algorithm; verify on another machine.',
    });
  }
  if (found === sealed[name]) return leg(name, 'passed', { zh: found, en: found });
  return leg(name, 'failed', {
    zh: `此文件为 ${found}，封存的是 ${sealed[name]}：不是同一文件，或被改动`,
    en: `this file has ${found}, sealed was ${sealed[name]}: another file, or altered`,
  });
}

function treeLeg({ tree }: SealedEvidence, content: Content | undefined): Leg {
  if (!content) return leg('part_tree', 'not_checked', NO_FILE);
  if (content.tree?.leafSize !== tree.leafSize) {
    return leg('part_tree', 'not_checked', {
      zh: `没有按 ${tree.leafSize} 字节的分块计算。`,
      en: `The tree was not computed over leaves of ${tree.leafSize} bytes.`,
    });
  }
  if (content.tree.root === tree.root) return leg('part_tree', 'passed', { zh: tree.root, en: tree.root });
  return leg('part_tree', 'failed', {
    zh: `此文件的树根为 ${content.tree.root}，封存的是 ${tree.root}`,
    en: `this file's root is ${content.tree.root}, sealed was ${tree.root}`,
  });
}

/** What dock, server and vault each said at sealing, as the signed entry records it: a missing declaration is not an equal one. */
export function declaredLeg({ declared, received, readBack, sha256, size }: SealedEvidence): Leg {
  if (declared && declared.sha256 !== sha256) {
    return leg('declared', 'failed', {
      zh: '条目中申报的摘要与封存的摘要不同',
      en: 'the declared digest in the entry differs from the sealed one',
    });
  }
  if (received.sha256 !== null && received.sha256 !== sha256) {
    return leg('declared', 'failed', {
      zh: '条目中接收时的摘要与回读的摘要不同',
      en: 'the digest at reception in the entry differs from the one read back',
    });
  }
  if (readBack.bytes !== size) {
    return leg('declared', 'failed', {
      zh: `封存时只回读了 ${readBack.bytes} 字节，应为 ${size} 字节`,
      en: `only ${readBack.bytes} of ${size} bytes were read back at sealing`,
    });
  }
  const zh = `回读 ${readBack.bytes} 字节${received.sha256 === null ? `，接收时逐块核对（${received.parts} 块）` : '与接收时一致'}`;
  const en = `${readBack.bytes} bytes read back, ${received.sha256 === null ? `compared part by part (${received.parts}) with what was received` : 'the same as received'}`;
  return declared
    ? leg('declared', 'passed', { zh: `${zh}，与申报一致`, en: `${en}, and the same as declared` })
    : leg('declared', 'not_checked', { zh: `发送方没有申报摘要；${zh}`, en: `the sender declared no digest; ${en}` });
}
