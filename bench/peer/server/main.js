// The backend's contract in plain Node: `node server/main.js [--listen 127.0.0.1:7077]`.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { Journal } from './journal.js';
import { Phone } from './phone.js';
import { answers } from './routes.js';
import { Streams } from './streams.js';

const { values } = parseArgs({ options: { listen: { type: 'string', default: '127.0.0.1:7077' } } });
const [, host, port] = /^(.+):(\d+)$/.exec(values.listen) ?? [];
if (!host) {
  console.error(`--listen: ${values.listen} is not an address and port such as 127.0.0.1:7077`);
  process.exit(2);
}

const journal = new Journal();
const phone = new Phone((event, data) => streams.tell(journal.append(event, data)));
const streams = new Streams(journal, () => phone.snapshot());

const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, keepAliveTimeout: 10_000 });
server.on('request', answers({ phone, streams, host: () => `${host}:${server.address().port}` }));
server.on('error', ({ message }) => {
  console.error(message);
  process.exit(1);
});
server.listen({ host, port: Number(port), backlog: 1024 }, () => {
  console.log(`listening on http://${host}:${server.address().port}`);
});

const end = () => {
  streams.close();
  server.close(() => process.exit(0));
  server.closeIdleConnections();
};
process.once('SIGTERM', end).once('SIGINT', end);
