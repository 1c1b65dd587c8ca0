// Requests: each is taken apart, the phone asked, and the answer put together.
import { Failure, invalid } from './failure.js';

const MAX_BODY = 16 * 1024;
const STATUSES = ['ready', 'lunch', 'dnd', 'offline'];

const field = (body, name, type = 'string') => {
  if (typeof body[name] !== type) throw invalid(`\`${name}\` must be a ${type}`);
  return body[name];
};
const callOf = (body) => field(body, 'call_id');

/** Digits, `*`, `#`, a leading `+`, or `sip:user@host`; what people put between them is dropped. */
const numberOf = (body, name) => {
  const number = field(body, name).replace(/[ .\-()]/g, '');
  if (!/^(\+?[0-9*#]{1,63}|sip:[^@\s]+@[^@\s]+)$/.test(number) || number.length > 64) throw invalid('this is no phone number');
  return number;
};

const POSTS = {
  '/api/sip/call/dial': (phone, body) => ({ call_id: phone.dial(numberOf(body, 'phone')) }),
  '/api/sip/call/answer': (phone, body) => phone.answer(callOf(body)),
  '/api/sip/call/hangup': (phone, body) => phone.hangUp(callOf(body)),
  '/api/sip/call/hold': (phone, body) => phone.hold(callOf(body), field(body, 'on', 'boolean')),
  '/api/sip/call/mute': (phone, body) => phone.mute(callOf(body), field(body, 'on', 'boolean')),
  '/api/sip/call/dtmf': (phone, body) => {
    if (!/^[0-9A-D*#]{1,32}$/i.test(field(body, 'digits'))) throw invalid('these are no digits');
    phone.dtmf(callOf(body));
  },
  '/api/sip/call/transfer': (phone, body) => {
    if ((body.phone === undefined) === (body.to_call_id === undefined)) throw invalid('`phone` or `to_call_id`');
    if (body.phone !== undefined) numberOf(body, 'phone');
    phone.transfer(callOf(body), body.to_call_id);
  },
  '/api/sip/operator/status': (phone, body) => {
    if (!STATUSES.includes(body.status)) throw invalid(`\`status\` must be one of ${STATUSES}`);
    phone.setStatus(body.status);
  },
  '/api/sim/incoming': (phone, body) => ({ call_id: phone.incoming(field(body, 'number'), body.display_name) }),
  '/api/sim/answer': (phone) => phone.theyAnswer(),
  '/api/sim/hangup': (phone) => phone.theyHangUp(),
};

const GETS = {
  '/api/sip/state': (phone) => phone.snapshot(),
  '/api/sip/calls': (phone, query) => {
    const limit = Math.min(Number(query.get('limit') ?? 50), 200);
    if (!Number.isInteger(limit) || limit < 1) throw invalid('`limit` must be a number');
    return { calls: phone.history(limit, query.get('before')) };
  },
  '/healthz': () => ({ status: 'ok' }),
};

const EVENTS = '/api/sip/events';

const readBody = async (request) => {
  const type = request.headers['content-type'] ?? '';
  if (!type.startsWith('application/json')) throw new Failure(415, 'unsupported_media_type', 'send application/json');
  const pieces = [];
  let length = 0;
  for await (const piece of request) {
    length += piece.length;
    if (length > MAX_BODY) throw new Failure(413, 'payload_too_large', `a body has ${MAX_BODY} bytes at most`);
    pieces.push(piece);
  }
  let body;
  try {
    body = JSON.parse(Buffer.concat(pieces).toString());
  } catch {
    throw invalid('the body is not JSON');
  }
  if (body === null || typeof body !== 'object') throw invalid('the body is not a JSON object');
  return body;
};

const respond = (response, status, body) => {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
};

/** The server's listener. */
export const answers = ({ phone, streams, host }) => {
  // A rebound name of a stranger is refused, and so are other origins' pages.
  const guard = ({ host: named, origin }) => {
    const own = host();
    if (named !== own || (origin && origin !== `http://${own}`)) {
      throw new Failure(403, 'unauthorized', 'wrong host or origin');
    }
  };

  const answer = async (request, response) => {
    guard(request.headers);
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    if (pathname === EVENTS && request.method === 'GET') {
      if (!streams.hasRoom) throw new Failure(429, 'too_many_requests', 'there are too many streams');
      return streams.open(response, request.headers['last-event-id'] || searchParams.get('last_event_id'));
    }
    const [post, get] = [POSTS[pathname], GETS[pathname]];
    if (!post && !get) throw new Failure(404, 'not_found', 'there is no such path');
    if (request.method !== (post ? 'POST' : 'GET')) throw new Failure(405, 'method_not_allowed', 'wrong method');
    const done = post ? post(phone, await readBody(request)) : get(phone, searchParams);
    return respond(response, 200, done ?? {});
  };

  return (request, response) => {
    answer(request, response).catch(({ status = 500, error = 'internal_error', message }) => {
      if (!response.headersSent) respond(response, status, { error, message });
    });
  };
};
