// The SharedWorker: one per browser, with the one stream and the one state.
import { Hub } from './hub.js';
import { openStream } from './stream.js';
import { workerLock } from './locks.js';

const hub = new Hub(workerLock());
// At once, before anything asynchronous: the first `connect` is not repeated for a listener that comes later.
self.onconnect = ({ ports: [port] }) => hub.listen(port);
openStream(hub);
