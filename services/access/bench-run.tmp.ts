import { startPostgres } from '@fengcun/local';
import { benchEvidenceList } from './src/testing/bench-evidence-list.ts';
const pg = process.env.PGURL ? null : await startPostgres({ dataDir: '/tmp/access/pg', durable: false });
try {
  const t=performance.now();
  const figures = await benchEvidenceList({ serverUrl: process.env.PGURL ?? pg!.url, rows: Number(process.argv[2]), counties: 12, sections: 10, officers: 2000, devices: 2000, rounds: 40, onProgress: (n) => { if (n % 200000 === 0) console.log(n, Math.round((performance.now()-t)/1000)); } });
  console.table(figures);
} finally { await pg?.stop(); }
