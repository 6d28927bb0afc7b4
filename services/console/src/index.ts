import { fileURLToPath } from 'node:url';

/** Absolute path of the built console (`vite build`): static files, with `index.html` for every page address. */
export const consoleDir: string = fileURLToPath(new URL('../dist', import.meta.url));
