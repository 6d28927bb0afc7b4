import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Names a chunk by what it holds, so that a release that touches our code leaves the libraries in people's caches. */
const libraries = [
  { name: 'react', test: /node_modules[\\/](react|react-dom|scheduler|react-router)[\\/]/ },
  { name: 'hls', test: /node_modules[\\/]hls\.js[\\/]/ },
  { name: 'tus', test: /node_modules[\\/](tus-js-client|js-base64|url-parse|requires-port|querystringify)[\\/]/ },
  { name: 'schemas', test: /node_modules[\\/]typebox[\\/]|packages[\\/]contracts[\\/]/ },
];

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    sourcemap: false,
    // The content security policy allows no data: scripts and no inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rolldownOptions: { output: { codeSplitting: { groups: libraries } } },
  },
  worker: { format: 'es' },
  server: { proxy: Object.fromEntries(['/api', '/files', '/ledger'].map((path) => [path, 'http://127.0.0.1:8080'])) },
});
