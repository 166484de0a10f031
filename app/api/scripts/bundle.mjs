// Makes one file of the compiled sources (not of TypeScript: esbuild would lose the decorators' metadata).
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';

// Nest asks for these and does without them.
const optional = [
  '@nestjs/microservices',
  '@nestjs/microservices/microservices-module',
  '@fastify/static',
  '@fastify/view',
  'class-transformer/storage',
];

const { outputFiles } = await build({
  entryPoints: ['dist/compiled/src/main.js'],
  outfile: 'dist/bundle/main.js',
  write: false,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  // Names stay as they are, for the log: stack traces, and what speaks there.
  keepNames: true,
  minifySyntax: true,
  minifyWhitespace: true,
  // A crash prints the line it happened in.
  lineLimit: 200,
  legalComments: 'none',
  external: optional,
  logLevel: 'warning',
});

// esbuild leaves regular expressions as they are. One character outside ASCII, and V8 keeps the whole source at two
// bytes a character for as long as the process lives.
const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

for (const { path, text } of outputFiles) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.replace(/[^\t\n\r -~]/g, escaped));
}
