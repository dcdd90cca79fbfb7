// The part of Node's HTTP server that the tests use. The app itself runs in browsers only.
declare module "node:http" {
  export interface IncomingMessage extends AsyncIterable<Uint8Array> {
    method: string;
    url: string;
    headers: Record<string, string | undefined>;
  }
  export interface ServerResponse {
    writeHead(status: number, headers: Record<string, string>): void;
    write(text: string): void;
    end(text?: string): void;
    destroy(): void;
  }
  export interface Socket {
    write(data: string | Uint8Array): void;
    on(event: "data", handler: (data: Uint8Array) => void): void;
    on(event: "close" | "error", handler: () => void): void;
    destroy(): void;
  }
  export interface Server {
    listen(port: number, host: string, ready: () => void): void;
    address(): { port: number };
    on(event: "upgrade", handler: (request: IncomingMessage, socket: Socket) => void): void;
    closeAllConnections(): void;
    close(): void;
  }
  export function createServer(handler?: (request: IncomingMessage, response: ServerResponse) => void): Server;
}
