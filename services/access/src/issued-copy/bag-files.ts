import { type Database, type EvidenceRecord, logProofOf, readPlacedEvent } from '@fengcun/catalog';
import type { Receipt } from '@fengcun/contracts';
import { problem } from '../errors.ts';

/**
 * What goes into a bag beside the original: its receipt as it is now, the log's keys, and how to verify it without us. Throws `not_sealed` or
 * `receipt_pending`.
 */
export async function bagFiles(
  catalog: Database,
  record: EvidenceRecord,
  logKeys: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  if (record.state !== 'sealed') throw problem('not_sealed');
  const event = await readPlacedEvent(catalog, record.event_id);
  const proof = event?.index == null ? undefined : await logProofOf(catalog, event.index);
  if (!event || proof === undefined) throw problem('receipt_pending', { headers: { 'retry-after': '2' } });
  const receipt: Receipt = {
    format: 'fengcun-receipt/v1',
    entry: event.entry,
    openings: [...event.openings],
    proof,
    keys: [...logKeys],
  };
  return {
    'receipt.json': `${JSON.stringify(receipt, null, 2)}\n`,
    'keys.txt': logKeys.map((key) => `${key}\n`).join(''),
    'README.zh-CN.txt': readme(record),
  };
}

function readme(record: EvidenceRecord): string {
  const sha256 = record.sha256.toString('hex');
  return `封存证据包
==========

本包为 BagIt 1.0（RFC 8493）格式，内含一份原始录音录像及其封存回执。原始文件一字节未改。

  data/                     原始文件
  receipt.json              封存回执：封存记录、日志包含证明、签名检查点
  keys.txt                  本系统自称的日志公钥（见下文第三条）
  manifest-sha256.txt       原始文件的 SHA-256
  tagmanifest-sha256.txt    其余文件的 SHA-256

物证编号    ${record.id}
原始名称    ${oneLine(record.name)}
字节数      ${record.size}
SHA-256     ${sha256}
SM3         ${record.sm3.toString('hex')}

如何离线核验（不需要网络，也不需要信任本系统）
----------------------------------------------
一、核对文件是否完整。在本目录执行：
      sha256sum -c manifest-sha256.txt
      sha256sum -c tagmanifest-sha256.txt

二、核验封存回执。用 fengcun-verify（需 Node.js 22.18 或更新版本）：
      fengcun-verify data/<原始文件> receipt.json --keys 可信公钥.txt
    逐项显示：通过、不符、未核验。退出码 0 为成立，1 为不成立，3 为有应核验而未能核验的。

三、公钥请向日志运营单位或其监督单位另行索取，不要使用本包内的 keys.txt 作为信任依据：
    能够伪造本包的人也能伪造包内的公钥。keys.txt 仅供与另行取得的公钥对照。
`;
}

const oneLine = (text: string): string => text.toWellFormed().replaceAll(/\p{C}/gu, ' ');
