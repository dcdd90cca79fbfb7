import { createServer, type Server, type Socket } from "node:http";

const HANDSHAKE_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT_FRAME = 0x81;
const TEXT_OPCODE = 1;

/** A WebSocket server of a test. Messages are short texts. */
export class SocketServer {
  /** The messages of the pages, with the number of the connection that sent each. */
  readonly received: { connection: number; message: unknown }[] = [];
  readonly #connections: Socket[] = [];
  readonly #server: Server = createServer();

  constructor() {
    this.#server.on("upgrade", async (request, socket) => {
      this.#connections.push(socket);
      const connection = this.#connections.length;
      socket.on("error", () => undefined);
      socket.on("data", (frame) => this.#receive(connection, frame));
      const accept = await acceptOf(request.headers["sec-websocket-key"] ?? "");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
    });
  }

  /** Listen on a free port and return the address. */
  async start(): Promise<string> {
    await new Promise<void>((ready) => this.#server.listen(0, "127.0.0.1", ready));
    return `ws://127.0.0.1:${this.#server.address().port}`;
  }

  get connections(): number {
    return this.#connections.length;
  }

  /** Send a message on the latest connection. */
  send(message: unknown): void {
    const text = new TextEncoder().encode(JSON.stringify(message));
    if (text.length > 125) throw new Error("This server sends short messages only.");
    this.#connections.at(-1)?.write(new Uint8Array([TEXT_FRAME, text.length, ...text]));
  }

  /** End the latest connection without a word, as a network does. */
  cut(): void {
    this.#connections.at(-1)?.destroy();
  }

  stop(): void {
    for (const connection of this.#connections) connection.destroy();
    this.#server.close();
  }

  #receive(connection: number, frame: Uint8Array): void {
    const [first = 0, second = 0] = frame;
    if ((first & 0x0f) !== TEXT_OPCODE) return;
    const length = second & 0x7f;
    const mask = frame.subarray(2, 6);
    const text = frame.subarray(6, 6 + length).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    this.received.push({ connection, message: JSON.parse(new TextDecoder().decode(text)) });
  }
}

async function acceptOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + HANDSHAKE_GUID));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
