// What a cold tab loads of dist/, raw and as brotli at quality 11.
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';

const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
for (const file of ['index.html', 'sip-phone-widget.js', 'sip-worker.js']) {
  const raw = readFileSync(new URL(`dist/${file}`, import.meta.url));
  console.log(`${file}\t${raw.length}\t${brotliCompressSync(raw, { params }).length}`);
}
