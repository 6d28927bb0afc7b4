import type { AddressInfo } from 'node:net';
import { FileStore } from '@tus/file-store';
import { Server } from '@tus/server';

/** The program behind `startTusPeer`: tells its parent the port it listens on. */
const [directory = '.'] = process.argv.slice(2);
const server = new Server({ path: '/files', datastore: new FileStore({ directory }) });
const listening = server.listen({ host: '127.0.0.1', port: 0 }, () => {
  process.send?.((listening.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));
