/** Answers of the server in Kubernetes' form. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import { log } from '../log.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'AlreadyExists',
  500: 'InternalError',
  503: 'ServiceUnavailable',
}

export class HttpFault extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  send(response, status, 'application/json', `${JSON.stringify(value)}\n`)
}

export function sendText(response: ServerResponse, text: string | Buffer, status = 200): void {
  send(response, status, 'text/plain', text)
}

/** A `Status` object. The supervisor's own faults are logged with the caller's address, as k3s does. */
export function sendFault(
  request: IncomingMessage,
  response: ServerResponse,
  fault: HttpFault,
  logged: boolean,
): void {
  if (logged) {
    const { remoteAddress, remotePort } = request.socket
    log.error(`Sending HTTP/1.1 ${fault.status} response to ${remoteAddress}:${remotePort}: ${fault.message}`)
  }
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: fault.message,
    reason: REASONS[fault.status] ?? '',
    code: fault.status,
  }
  sendJson(response, status, fault.status)
}

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > 4 * 1024 * 1024) throw new HttpFault(400, 'http: request body too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
