// One file from the compiled sources (not from TypeScript: esbuild would lose the decorators' metadata).
import { build } from 'esbuild';

// Nest asks for these and does without them.
const optional = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@fastify/static',
  '@fastify/view',
  'class-transformer/storage',
];

await build({
  entryPoints: ['dist/compiled/src/main.js'],
  outfile: 'dist/bundle/main.js',
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  keepNames: true,
  legalComments: 'none',
  external: optional,
  logLevel: 'warning',
});
