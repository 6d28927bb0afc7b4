import { countUnsealedUploads, type Database } from '@fengcun/catalog';
import { Counter, Gauge, Histogram, type Registry } from '@fengcun/runtime';

export interface UploadMetrics {
  readonly bytesReceived: Counter;
  readonly patchSeconds: Histogram<'outcome'>;
}

/** The upload service's metrics. `fengcun_uploads` is counted when it is asked for, over states that have not ended. */
export function uploadMetrics(registry: Registry, catalog: Database): UploadMetrics {
  new Gauge({
    name: 'fengcun_uploads',
    help: 'Uploads that are not sealed yet, by state',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      const counts = await countUnsealedUploads(catalog);
      this.reset();
      for (const [state, count] of Object.entries(counts)) this.set({ state }, count);
    },
  });
  return {
    bytesReceived: new Counter({
      name: 'fengcun_upload_bytes_total',
      help: 'Bytes of recordings taken from senders',
      registers: [registry],
    }),
    patchSeconds: new Histogram({
      name: 'fengcun_upload_request_seconds',
      help: 'Duration of requests that carry bytes, by how the body ended',
      labelNames: ['outcome'],
      buckets: [0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800],
      registers: [registry],
    }),
  };
}
