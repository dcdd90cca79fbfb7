import { createServer, type Server, type ServerResponse } from "node:http";

/** A request that the server received. */
export interface ReceivedRequest {
  method: string;
  path: string;
  headers: Record<string, string | undefined>;
  body: string;
}

/** A response. Its `cut` body ends before it is complete, and null is no response at all. */
export type Answer = { status: number; headers?: Record<string, string>; body?: unknown; cut?: boolean } | null;

/** An HTTP server of a test, with the requests that it received. */
export class HttpServer {
  readonly received: ReceivedRequest[] = [];
  readonly #server: Server;

  /** Answer each request by its number and its content. */
  constructor(answer: (request: ReceivedRequest, number: number) => Answer | Promise<Answer>) {
    this.#server = createServer(async (request, response) => {
      const pieces: string[] = [];
      for await (const piece of request) pieces.push(new TextDecoder().decode(piece));
      const { method, url, headers } = request;
      const received = { method, path: url, headers, body: pieces.join("") };
      this.received.push(received);
      send(response, await answer(received, this.received.length));
    });
  }

  /** Listen on a free port and return the address. */
  async start(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, "127.0.0.1", ready));
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function send(response: ServerResponse, answer: Answer): void {
  if (!answer) {
    response.destroy();
    return;
  }
  const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body ?? {});
  const isProblem = answer.status >= 400;
  const type = isProblem ? "application/problem+json" : "application/json";
  const length = String(new TextEncoder().encode(text).length + (answer.cut ? 10 : 0));
  response.writeHead(answer.status, { "Content-Type": type, "Content-Length": length, ...answer.headers });
  if (answer.cut) {
    response.write(text);
    setTimeout(() => response.destroy(), 20);
  } else {
    response.end(text);
  }
}
