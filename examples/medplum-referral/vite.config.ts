import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The SDK is read from its source, so that nothing has to be built first. An app that installs it from npm needs no such line.
  resolve: { conditions: ['@fhir-messaging/source', ...defaultClientConditions] },
  build: { chunkSizeWarningLimit: 2000 },
  server: { host: '127.0.0.1' },
});
